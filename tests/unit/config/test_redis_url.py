"""REDIS_URL: one server, or Sentinels; a malformed value is refused and not quoted."""

from __future__ import annotations

import pytest
from redis import ConnectionPool

from config.redis_url import RedisServer, Sentinels, parse_redis_url
from config.urls import Login

ODD = "%25%40%3A%2F%3B%2B+%C3%A9"
TLS = {"ssl_cert_reqs": "required"}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("redis://localhost", RedisServer("localhost")),
        ("redis://localhost/", RedisServer("localhost")),
        ("redis://localhost:6380/2", RedisServer("localhost", 6380, database=2)),
        ("redis://[::1]:6380/2/", RedisServer("::1", 6380, database=2)),
        ("redis://:pw@host/2", RedisServer("host", database=2, login=Login("", "pw"))),
        (f"redis://acl%3A:{ODD}@host", RedisServer("host", login=Login("acl:", "%@:/;++é"))),
        (
            "redis://host?username=u&password=a%2541%2Bb&db=4",
            RedisServer("host", database=4, login=Login("u", "a%41+b")),
        ),
        ("redis://host/4?password=pw", RedisServer("host", database=4, login=Login("", "pw"))),
        ("unix:///run/redis.sock", RedisServer(path="/run/redis.sock")),
        (
            "unix://u:pw@/run/my%20redis?db=2",
            RedisServer(path="/run/my redis", database=2, login=Login("u", "pw")),
        ),
        ("unix:///run/r?password=a%2541", RedisServer(path="/run/r", login=Login("", "a%41"))),
        ("rediss://host", RedisServer("host", tls=TLS)),
        (
            "rediss://host?ssl_ca_certs=/c%20a.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem",
            RedisServer(
                "host",
                tls={**TLS, "ssl_ca_certs": "/c a.pem", "ssl_certfile": "/c.pem", "ssl_keyfile": "/k.pem"},
            ),
        ),
        (
            "rediss://host?ssl_cert_reqs=none&ssl_check_hostname=False",
            RedisServer("host", tls={"ssl_cert_reqs": "none", "ssl_check_hostname": False}),
        ),
    ],
)
def test_the_url_of_one_server_is_parsed(url: str, server: RedisServer) -> None:
    assert parse_redis_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        f"redis://acl%3A:{ODD}@[::1]:6380/3",
        "redis://host/4?username=u&password=a%2541b",
        "rediss://:pw@host?ssl_ca_certs=/c%20a.pem&ssl_check_hostname=false",
        f"unix://u:{ODD}@/run/my%20redis%25.sock?db=3",
    ],
)
def test_redis_py_reads_the_url_in_the_same_way(url: str) -> None:
    """redis-py decodes the URL once more, so it gets one that is encoded once more."""
    server = parse_redis_url(url)
    pool = ConnectionPool.from_url(server.url)
    given = pool.connection_kwargs
    assert (given.get("username") or "", given["password"]) == (server.login.username, server.login.password)
    assert (given["db"], given.get("path", "")) == (server.database, server.path)
    assert (given.get("host", ""), given.get("port", 6379)) == (server.host, server.port)
    assert {name: value for name, value in given.items() if name.startswith("ssl_")} == (server.tls or {})


def test_the_url_of_sentinels_is_parsed() -> None:
    server = parse_redis_url(
        "redis+sentinel://user:p%40ss,%25word@Host1:26380,[::1]:26381,host3/My-Service/5"
        "?sentinel_username=asker&sentinel_password=p%26%2541"
    )
    assert server == RedisServer(
        database=5,
        login=Login("user", "p@ss,%word"),
        sentinels=Sentinels(
            addresses=(("Host1", 26380), ("::1", 26381), ("host3", 26379)),
            service="My-Service",
            username="asker",
            password="p&%41",
        ),
    )
    assert server.url == "redis://user:p%40ss%2C%25word@/5"


def test_optional_parts_have_defaults() -> None:
    sentinels = Sentinels((("host", 26379),), "service")
    assert parse_redis_url("redis+sentinel://host/service") == RedisServer(sentinels=sentinels)


def test_tls_is_for_the_servers_and_has_its_options() -> None:
    server = parse_redis_url("rediss+sentinel://:pw@host/service?ssl_ca_certs=/etc/ca.pem&sentinel_password=other")
    assert server.url == "rediss://:pw@/0?ssl_cert_reqs=required&ssl_ca_certs=%2Fetc%2Fca.pem"
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
        "redis://[canary]/0",
        "redis://[::1]canary:6379/0",
        "redis://canary[::1]:6379/0",
        "redis://host\\canary/0",
        "redis://[fe80::1%25canary]/0",
        "redis://:canary@/0",
        "redis://host:0/canary",
        "redis://canary,host/0",
        "redis://host/canary",
        "redis://host/1/canary",
        "redis://host/-1?password=canary",
        "redis://host/1?db=1&password=canary",
        "redis://host?db=canary",
        "redis://host?db=/1&password=canary",
        "redis://host//1?password=canary",
        "redis://host?canary=1",
        "redis://host?canary",
        "redis://host?password=",
        "redis://host?password=canary&password=canary",
        "redis://host?password=can+ary",
        "redis://host?password=%E9canary",
        "redis://user:one@host?password=canary",
        "redis://:123#canary@host:6379/0",
        "redis://:123?canary@host:6379/0",
        "redis://:%E9canary@host/0",
        "redis://:can\tary@host/0",
        "redis://:canary\udce9@host/0",
        "redis://host?ssl_ca_certs=/canary",
        "redis://host?socket_timeout=5&password=canary",
        "rediss://host?ssl_cert_reqs=CERT_CANARY",
        "rediss://host?ssl_cert_reqs=CERT_NONE",
        "rediss://host?ssl_cert_reqs=canary",
        "rediss://host?ssl_check_hostname=canary",
        "rediss://host?ssl_ca_data=canary",
        "unix://canary/redis.sock",
        "unix:///",
        "unix:///run/redis.sock?db=canary",
        "unix:///run/redis.sock?ssl_cert_reqs=canary",
        "http+sentinel://canary/service",
        "sentinel://canary/service",
        "redis+sentinel://canary",
        "redis+sentinel://canary:26379/",
        "redis+sentinel:///canary",
        "redis+sentinel://host/service/canary",
        "redis+sentinel://host/service/0/canary",
        "redis+sentinel://host:canary/service",
        "redis+sentinel://host;canary/service",
        "redis+sentinel://host/service?password=canary",
        "redis+sentinel://:%E9canary@host/service",
        "redis+sentinel://host/service?sentinel_password=can+ary",
        "redis+sentinel://host/service?ssl_cert_reqs=none",
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
def test_a_malformed_url_is_refused_and_not_quoted(url: str) -> None:
    """It may contain a password."""
    with pytest.raises(ValueError, match=r"^(must|has|takes) .*$") as refused:
        parse_redis_url(url)
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_password_is_not_shown() -> None:
    server = parse_redis_url("redis+sentinel://:canary@host/service?sentinel_password=canary")
    assert server.login.password == "canary"
    assert "canary" not in repr(server)
