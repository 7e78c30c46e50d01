"""Settings: missing or malformed ones are named, and their values are never quoted."""

from __future__ import annotations

from email.headerregistry import Address
from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme

from config.settings import Settings, SettingsError
from doubles import fernet_key

KEY, OLD_KEY = (fernet_key(seed) for seed in (1, 2))
REQUIRED = {
    "REDIS_URL": "redis://localhost:6379/0",
    "WEBHOOKS_ADMIN_KEY": "admin",
    "WEBHOOKS_PRODUCER_KEYS": "producer",
    "WEBHOOKS_SECRET_KEYS": KEY,
}


def test_a_missing_optional_setting_has_the_documented_default() -> None:
    settings = Settings.from_environment(REQUIRED)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.broker_url, settings.replicas) == ("", 0)
    assert (settings.ingest_limit, settings.api_limit, settings.trusted_proxies) == (10_000, 300, 0)
    assert (settings.allowed_networks, settings.name_servers, settings.ca_bundle) == ((), (), None)
    assert (settings.retry_delays, settings.timeout, settings.history_days) == ((5.0, 30.0), 10.0, 180.0)
    assert settings.feed_interval == 300.0
    assert (settings.smtp, str(settings.email_from)) == (None, "Ringback <ringback@localhost>")


def test_every_setting_is_read(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    settings = Settings.from_environment(
        {
            "REDIS_URL": "rediss://:password@redis.example:6380/3",
            "WEBHOOKS_BROKER_URL": "amqp://user:password@rabbit.example/vhost",
            "WEBHOOKS_REPLICAS": "1",
            "WEBHOOKS_ADMIN_KEY": " admin ",
            "WEBHOOKS_PRODUCER_KEYS": "one, two,",
            "WEBHOOKS_SECRET_KEYS": f"{KEY},{OLD_KEY}",
            "WEBHOOKS_INGEST_LIMIT": "50",
            "WEBHOOKS_API_LIMIT": "0",
            "WEBHOOKS_TRUSTED_PROXIES": "2",
            "WEBHOOKS_HOST": "0.0.0.0",  # noqa: S104  what an operator sets in a container
            "PORT": "80",
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8,fd00::/8, 10.1.2.3",
            "WEBHOOKS_NAME_SERVERS": "192.0.2.53, 192.0.2.54:5353,2001:db8::53,[2001:db8::54]:5353",
            "WEBHOOKS_CA_BUNDLE": str(bundle),
            "WEBHOOKS_RETRY_DELAYS": "0.5,1,2",
            "WEBHOOKS_TIMEOUT": "2.5",
            "WEBHOOKS_HISTORY_DAYS": "7",
            "WEBHOOKS_FEED_INTERVAL": "86400",
            "SMTP_URL": "smtp://mail.example",
            "EMAIL_FROM": "Ringback <ringback@example.com>",
        }
    )
    assert settings == Settings(
        redis_url="rediss://:password@redis.example:6380/3",
        broker_url="amqp://user:password@rabbit.example/vhost",
        replicas=1,
        admin_key="admin",
        producer_keys=("one", "two"),
        secret_keys=(KEY, OLD_KEY),
        ingest_limit=50,
        api_limit=0,
        trusted_proxies=2,
        host="0.0.0.0",  # noqa: S104  what an operator sets in a container
        port=80,
        allowed_networks=(ip_network("127.0.0.0/8"), ip_network("fd00::/8"), ip_network("10.1.2.3/32")),
        name_servers=("192.0.2.53", "192.0.2.54:5353", "2001:db8::53", "[2001:db8::54]:5353"),
        ca_bundle=bundle,
        retry_delays=(0.5, 1.0, 2.0),
        timeout=2.5,
        history_days=7.0,
        feed_interval=86_400.0,
        smtp_url="smtp://mail.example",
        email_from=Address("Ringback", "ringback", "example.com"),
    )


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", [None, "", "  "])
def test_a_missing_setting_is_named(name: str, empty: str | None) -> None:
    environment = {**REQUIRED, name: empty or ""}
    if empty is None:
        del environment[name]
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "canary:6379"),
        ("REDIS_URL", "/canary/redis.sock"),
        ("REDIS_URL", "http://canary"),
        ("REDIS_URL", "redis+sentinel://:canary@host:26379"),
        ("WEBHOOKS_BROKER_URL", "canary"),
        ("WEBHOOKS_BROKER_URL", "redis://:canary@host/0"),
        ("WEBHOOKS_BROKER_URL", "amqp://user:can/ary@host/"),
        ("WEBHOOKS_ADMIN_KEY", "canary canary"),
        ("WEBHOOKS_ADMIN_KEY", "canary-é"),
        ("WEBHOOKS_ADMIN_KEY", "canary\nkey"),
        ("WEBHOOKS_PRODUCER_KEYS", "one,canary two"),
        ("WEBHOOKS_PRODUCER_KEYS", ","),
        ("WEBHOOKS_SECRET_KEYS", "canary"),
        ("WEBHOOKS_SECRET_KEYS", f"{KEY},canary"),
        ("WEBHOOKS_SECRET_KEYS", "canary-é"),
        ("WEBHOOKS_SECRET_KEYS", " , "),
        ("REDIS_URL", "rediss://host?ssl_ca_certs=/canary.pem"),
        ("REDIS_URL", "rediss://host?ssl_ca_certs=/"),
        ("REDIS_URL", "rediss://host?ssl_certfile=/canary.pem"),
        ("REDIS_URL", "rediss://host?ssl_keyfile=/canary.pem"),
        ("REDIS_URL", "rediss+sentinel://host/service?ssl_ca_certs=/canary.pem"),
        ("WEBHOOKS_BROKER_URL", "amqps://host?ssl_ca_certs=/canary.pem"),
        ("WEBHOOKS_HOST", "canary canary"),
        ("WEBHOOKS_HOST", "canary:80"),
        ("WEBHOOKS_HOST", "[::1]"),
        ("WEBHOOKS_HOST", "256.1.1.1"),
        ("REDIS_URL", "redis://10.0.0.256/0"),
        ("REDIS_URL", "redis+sentinel://host,10.0.0.256/service"),
        ("WEBHOOKS_BROKER_URL", "amqp://10.0.0.256"),
        ("SMTP_URL", "smtp://10.0.0.256"),
        ("WEBHOOKS_HOST", "fe80::1%canary"),
        ("PORT", "canary"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "80.0"),
        ("PORT", "9" * 5_000),
        ("WEBHOOKS_ALLOWED_NETWORKS", "canary"),
        ("WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8,canary"),
        ("WEBHOOKS_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("WEBHOOKS_ALLOWED_NETWORKS", "10.0.0.0/33"),
        ("WEBHOOKS_NAME_SERVERS", "canary"),
        ("WEBHOOKS_NAME_SERVERS", "canary.example:53"),
        ("WEBHOOKS_NAME_SERVERS", "192.0.2.53:0"),
        ("WEBHOOKS_NAME_SERVERS", "192.0.2.53:canary"),
        ("WEBHOOKS_NAME_SERVERS", "[192.0.2.53"),
        ("WEBHOOKS_NAME_SERVERS", "[192.0.2.53]:53"),
        ("WEBHOOKS_NAME_SERVERS", "fe80::1%canary"),
        ("WEBHOOKS_NAME_SERVERS", "[fe80::1%canary]:53"),
        ("WEBHOOKS_CA_BUNDLE", "/canary.pem"),
        ("WEBHOOKS_CA_BUNDLE", __file__),  # it contains no CAs
        ("WEBHOOKS_CA_BUNDLE", "/"),
        ("WEBHOOKS_REPLICAS", "-1"),
        ("WEBHOOKS_REPLICAS", "canary"),
        ("WEBHOOKS_REPLICAS", "1000"),
        ("WEBHOOKS_INGEST_LIMIT", "-1"),
        ("WEBHOOKS_INGEST_LIMIT", "1.5"),
        ("WEBHOOKS_INGEST_LIMIT", "1000001"),
        ("WEBHOOKS_API_LIMIT", "canary"),
        ("WEBHOOKS_API_LIMIT", "none"),
        ("WEBHOOKS_API_LIMIT", "²"),
        ("WEBHOOKS_TRUSTED_PROXIES", "10.0.0.1"),
        ("WEBHOOKS_TRUSTED_PROXIES", "11"),
        ("WEBHOOKS_RETRY_DELAYS", "5,canary"),
        ("WEBHOOKS_RETRY_DELAYS", "5;30"),
        ("WEBHOOKS_RETRY_DELAYS", "0"),
        ("WEBHOOKS_RETRY_DELAYS", "-5"),
        ("WEBHOOKS_RETRY_DELAYS", "5,nan"),
        ("WEBHOOKS_RETRY_DELAYS", "86401"),
        ("WEBHOOKS_RETRY_DELAYS", "1,1,1,1,1,1,1,1,1"),
        ("WEBHOOKS_TIMEOUT", "0.05"),
        ("WEBHOOKS_TIMEOUT", "3601"),
        ("WEBHOOKS_HISTORY_DAYS", "36501"),
        ("WEBHOOKS_TIMEOUT", "canary"),
        ("WEBHOOKS_TIMEOUT", "10s"),
        ("WEBHOOKS_TIMEOUT", "0"),
        ("WEBHOOKS_TIMEOUT", "inf"),
        ("WEBHOOKS_TIMEOUT", "1,5"),
        ("WEBHOOKS_HISTORY_DAYS", "canary"),
        ("WEBHOOKS_HISTORY_DAYS", "nan"),
        ("WEBHOOKS_HISTORY_DAYS", "0"),
        ("WEBHOOKS_FEED_INTERVAL", "canary"),
        ("WEBHOOKS_FEED_INTERVAL", "0.5"),
        ("WEBHOOKS_FEED_INTERVAL", "86401"),
    ],
)
def test_a_malformed_setting_is_named_and_not_quoted(name: str, value: str) -> None:
    """It may be a key in the wrong variable, and errors end up in logs."""
    with pytest.raises(SettingsError, match=f"^{name} ") as refused:
        Settings.from_environment({**REQUIRED, name: value})
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__  # the traceback does not show the error with the value either


def test_the_url_of_sentinels_is_parsed_on_access() -> None:
    settings = Settings.from_environment({**REQUIRED, "REDIS_URL": "redis+sentinel://host/Service/3"})
    assert settings.redis.url == "redis:///3"
    assert settings.redis.sentinels is not None
    assert (settings.redis.sentinels.addresses, settings.redis.sentinels.service) == (
        (("host", 26379),),
        "Service",
    )


def test_the_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORT", "4711")
    assert Settings.from_environment().port == 4711


@pytest.mark.parametrize(
    ("host", "bind"),
    [
        ("127.0.0.1", "127.0.0.1:8080"),
        ("localhost", "localhost:8080"),
        ("::1", "[::1]:8080"),
        ("::", "[::]:8080"),
    ],
)
def test_an_ipv6_address_is_bound_in_brackets(host: str, bind: str) -> None:
    assert Settings.from_environment({**REQUIRED, "WEBHOOKS_HOST": host}).bind == bind


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("PORT", ("1", "65535")),
        ("WEBHOOKS_REPLICAS", ("0", "100")),
        ("WEBHOOKS_INGEST_LIMIT", ("0", "1000000")),
        ("WEBHOOKS_API_LIMIT", ("0", "1000000")),
        ("WEBHOOKS_TRUSTED_PROXIES", ("0", "10")),
        ("WEBHOOKS_RETRY_DELAYS", ("0.001", "86400", ",".join(["86400"] * 8))),
        ("WEBHOOKS_TIMEOUT", ("0.1", "3600")),
        ("WEBHOOKS_HISTORY_DAYS", ("0.000001", "36500")),
        ("WEBHOOKS_FEED_INTERVAL", ("1", "86400")),
    ],
)
def test_a_number_may_be_as_small_or_large_as_documented(name: str, bounds: tuple[str, ...]) -> None:
    for value in bounds:
        Settings.from_environment({**REQUIRED, name: value})
