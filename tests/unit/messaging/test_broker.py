"""The settings of Celery for its broker."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from kombu import Connection

from config.amqp_url import parse_broker_url
from config.redis_url import parse_redis_url
from messaging.broker import broker_settings
from messaging.redis_transport import use_steadfast_transports

SENTINELS = "redis+sentinel://user:p%40s;s@host1:26380,[::1]:26381/My-Service/5?sentinel_password=other"


def connection(redis_url: str, broker_url: str = "") -> tuple[Any, dict[str, Any]]:
    """Return kombu's connection as Celery makes it, and the settings; nothing is connected."""
    use_steadfast_transports()  # first, as kombu keeps the transport that it has found for a scheme
    settings = broker_settings(parse_redis_url(redis_url), parse_broker_url(broker_url))
    return (
        Connection(
            settings["broker_url"],
            ssl=settings.get("broker_use_ssl", False),
            transport=settings.get("broker_transport"),
            transport_options=settings["broker_transport_options"],
        ),
        settings,
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host", ("host", 6379, None, None, "0")),
        ("redis://:p%40s;s@host:6380/3", ("host", 6380, None, "p@s;s", "3")),
        ("redis://user:pw@[::1]:6380/3", ("::1", 6380, "user", "pw", "3")),
        ("redis://host/?db=3&password=pw", ("host", 6379, None, "pw", "3")),
        ("redis://host/3?password=a%2541b", ("host", 6379, None, "a%41b", "3")),
        ("redis://acl%3Auser:%25%40%3A%2F%3B%2B+%C3%A9@host/3", ("host", 6379, "acl:user", "%@:/;++é", "3")),
    ],
)
def test_the_redis_of_the_ledger_is_also_the_broker(url: str, expected: tuple[object, ...]) -> None:
    kombu, settings = connection(url)
    given = (kombu.hostname, kombu.port, kombu.userid, kombu.password, kombu.virtual_host)
    assert tuple(part or None for part in given) == expected
    assert settings["broker_transport_options"]["socket_timeout"] == 1
    assert "broker_use_ssl" not in settings


def test_a_unix_socket_has_its_own_scheme_in_kombu() -> None:
    _, settings = connection("unix:///run/redis.sock?db=3&password=p%2Fw")
    assert settings["broker_url"] == "redis+socket://:p%2Fw@/run/redis.sock?virtual_host=3"


def test_certificates_of_redis_are_checked() -> None:
    """By default, kombu does not check them."""
    assert connection("rediss://host/0")[0].ssl == {"ssl_cert_reqs": "required"}
    kombu, settings = connection("rediss://host/0?ssl_ca_certs=/ca.pem&ssl_check_hostname=False")
    expected = {"ssl_cert_reqs": "required", "ssl_ca_certs": "/ca.pem", "ssl_check_hostname": False}
    assert kombu.ssl == expected
    assert settings["broker_url"] == "rediss://host:6379/0"


def test_all_sentinels_are_passed_to_kombu() -> None:
    kombu, settings = connection(SENTINELS)
    assert (kombu.userid, kombu.password, kombu.virtual_host) == ("user", "p@s;s", "5")
    assert kombu.alt == [
        "sentinel://user:p%40s%3Bs@host1:26380/5",
        "sentinel://user:p%40s%3Bs@[::1]:26381/5",
    ]
    options = settings["broker_transport_options"]
    assert options["master_name"] == "My-Service"
    assert options["sentinel_kwargs"]["password"] == "other"
    assert "broker_use_ssl" not in settings


def test_all_sentinels_share_a_timeout_of_one_second() -> None:
    options = connection(SENTINELS)[1]["broker_transport_options"]["sentinel_kwargs"]
    assert (options["socket_timeout"], options["socket_connect_timeout"], options["retry"]) == (0.5, 0.5, None)


def test_tls_behind_sentinels_is_checked_too() -> None:
    kombu, _ = connection("rediss+sentinel://host/service?ssl_ca_certs=/ca.pem")
    assert kombu.ssl == {"ssl_cert_reqs": "required", "ssl_ca_certs": "/ca.pem"}


def test_a_rabbitmq_can_be_the_broker() -> None:
    kombu, settings = connection("redis://host/0", "amqp://user:p%40ss@rabbit:5673/vhost")
    assert (kombu.hostname, kombu.port, kombu.virtual_host) == ("rabbit", 5673, "vhost")
    assert (kombu.userid, kombu.password) == ("user", "p@ss")
    assert kombu.transport_cls == "messaging.amqp_transport:Transport"
    assert settings["broker_heartbeat"] == 10
    assert "broker_use_ssl" not in settings


def test_certificates_of_rabbitmq_are_checked() -> None:
    """By default, py-amqp does not check them."""
    kombu, settings = connection("redis://host/0", "amqps://user:pw@rabbit/vhost?ssl_ca_certs=/ca.pem")
    expected = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "rabbit", "ca_certs": "/ca.pem"}
    assert kombu.ssl == expected
    assert settings["broker_url"] == "amqps://user:pw@rabbit:5671/vhost"
