"""WEBHOOKS_BROKER_URL: a RabbitMQ or nothing; a malformed value is refused and not quoted."""

from __future__ import annotations

import pytest

from config.amqp_url import RabbitServer, parse_broker_url
from config.urls import Login


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("amqp://host", RabbitServer("host", 5672)),
        ("amqp://host/", RabbitServer("host", 5672)),
        ("amqp://host//", RabbitServer("host", 5672)),
        ("amqp://host/%2F", RabbitServer("host", 5672)),
        ("amqp://host/v%20host", RabbitServer("host", 5672, "v host")),
        ("amqp://u:%25%40%3A%2F%3B%C3%A9@[::1]:5/v", RabbitServer("::1", 5, "v", Login("u", "%@:/;é"))),
        ("amqps://host", RabbitServer("host", 5671, tls={})),
        ("amqps://host?ssl_ca_certs=/c%20a.pem", RabbitServer("host", 5671, tls={"ssl_ca_certs": "/c a.pem"})),
    ],
)
def test_a_url_is_parsed(url: str, server: RabbitServer) -> None:
    assert parse_broker_url(url) == server


def test_an_empty_url_means_no_rabbitmq() -> None:
    assert parse_broker_url("") is None


@pytest.mark.parametrize(
    "url",
    [
        "canary:5672",
        "redis://canary",
        "memory://canary",
        "pyamqp://canary",
        "amqp:///canary",
        "amqp://host:canary/",
        "amqp://host:0/canary",
        "amqp://host1,canary/",
        "amqp://canary@host/",
        "amqp://:canary@host/",
        "amqp://user:12#canary@host/",
        "amqp://:can/ary@host:5672/",
        "amqp://user:12/canary@host/vhost",
        "amqp://host1/canary;amqp://host2/",
        "amqp://host/%E9canary",
        "amqp://host/?canary=1",
        "amqp://host/?ssl_ca_certs=canary",
        "amqps://host/?canary=1",
        "amqps://host/?ssl_cert_reqs=canary",
    ],
)
def test_any_other_url_is_refused_and_not_quoted(url: str) -> None:
    """It may contain a password."""
    with pytest.raises(ValueError, match=r"^(must|has|takes) ") as refused:
        parse_broker_url(url)
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_password_is_not_shown() -> None:
    assert "canary" not in repr(parse_broker_url("amqp://user:canary@host/"))
