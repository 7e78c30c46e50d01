"""REDIS_URL: one server, or Sentinels; what is malformed is refused without a word of it."""

from __future__ import annotations

import pytest

from config.redis_url import RedisServer, Sentinels, parse_redis_url


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:6379/0",
        "redis://localhost",
        "rediss://user:pass%2Fword@redis.example:6380/3?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_one_server_stays_as_it_is(url: str) -> None:
    assert parse_redis_url(url) == RedisServer(url)


def test_sentinels_are_taken_apart() -> None:
    server = parse_redis_url(
        "redis+sentinel://user:p%40ss,word@Host1:26380,[::1]:26381,host3/My-Service/5"
        "?sentinel_username=asker&sentinel_password=p%26ss"
    )
    assert server == RedisServer(
        url="redis://user:p%40ss,word@/5",
        sentinels=Sentinels(
            addresses=(("Host1", 26380), ("::1", 26381), ("host3", 26379)),
            service="My-Service",
            username="asker",
            password="p&ss",
        ),
    )


def test_what_can_be_left_out_has_a_default() -> None:
    assert parse_redis_url("redis+sentinel://host/service") == RedisServer(
        "redis:///0", Sentinels((("host", 26379),), "service")
    )


def test_tls_is_for_the_servers_and_has_its_options() -> None:
    server = parse_redis_url("rediss+sentinel://:pw@host/service?ssl_ca_certs=/etc/ca.pem&sentinel_password=other")
    assert server.url == "rediss://:pw@/0?ssl_ca_certs=%2Fetc%2Fca.pem"
    assert server.sentinels == Sentinels((("host", 26379),), "service", password="other")


@pytest.mark.parametrize(
    "url",
    [
        "canary:6379",
        "/canary/redis.sock",
        "http://canary",
        "memory://canary",
        "redis://host:canary/0",
        "redis://:canary/word@host:6379/0",
        "redis://[canary/0",
        "http+sentinel://canary/service",
        "sentinel://canary/service",
        "redis+sentinel://canary",
        "redis+sentinel://canary:26379/",
        "redis+sentinel:///canary",
        "redis+sentinel://host/service/canary",
        "redis+sentinel://host/service/0/canary",
        "redis+sentinel://host:canary/service",
        "redis+sentinel://host:0/canary",
        "redis+sentinel://host:65536/canary",
        "redis+sentinel://host,,canary/service",
        "redis+sentinel://::1:26379,canary/service",
        "redis+sentinel://[canary]:26379/service",
        "redis+sentinel://:can@ary@host/service",
        "redis+sentinel://:can/ary@host/service",
        "redis+sentinel://host/service?canary=1",
        "redis+sentinel://host/service?canary",
        "redis+sentinel://host/service?sentinel_password=x?canary",
        "redis+sentinel://host/service#canary",
    ],
)
def test_what_is_malformed_is_refused_without_a_word_of_it(url: str) -> None:
    """There may be a password in it."""
    with pytest.raises(ValueError, match=r"^(must|has|takes) ") as refused:
        parse_redis_url(url)
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_password_is_not_shown() -> None:
    server = parse_redis_url("redis+sentinel://:canary@host/service?sentinel_password=canary")
    assert "canary" not in repr(server)
