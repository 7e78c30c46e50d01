"""Fixtures of all tests: settings with generated keys, fakeredis, and a real Redis."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import fakeredis
import pytest
from cryptography.fernet import Fernet
from redis import Redis, ResponseError

from config.settings import Settings
from doubles import ADMIN_KEY, OTHER_PRODUCER_KEY, PRODUCER_KEY
from webhooks.store.connection import Client, connect
from webhooks_local.certificates import Certificates, ensure_certificates
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.receiver import Receiver

#: The Redis databases that tests may use. Each process uses empty ones, and flushes no others.
DATABASES = range(1, 16)

# When the tests run in the background, Ctrl-C is ignored, and the processes that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of the API without rate limits, which have their own tests."""
    return Settings.from_environment(
        {
            "REDIS_URL": "redis://redis.invalid/0",
            "WEBHOOKS_ADMIN_KEY": ADMIN_KEY,
            "WEBHOOKS_PRODUCER_KEYS": f"{PRODUCER_KEY},{OTHER_PRODUCER_KEY}",
            "WEBHOOKS_SECRET_KEYS": Fernet.generate_key().decode(),
            "WEBHOOKS_INGEST_LIMIT": "0",
            "WEBHOOKS_API_LIMIT": "0",
        }
    )


@pytest.fixture
def fake_redis() -> Client:
    """A fakeredis that no other test shares."""
    return fakeredis.FakeRedis(decode_responses=True, server=fakeredis.FakeServer())


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server in REDIS_URL if it is set, otherwise of one that the tests start."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with EmbeddedRedis(tmp_path_factory.mktemp("redis"), "a-password") as server:
        yield server.url


@pytest.fixture(scope="session")
def empty_databases(redis_server_url: str) -> Iterator[Iterator[str]]:
    """URLs of empty databases on the real server; those that were used are flushed at the end."""
    taken: list[str] = []

    def take() -> Iterator[str]:
        for number in _databases_of_this_process():
            url = urlsplit(redis_server_url)._replace(path=f"/{number}").geturl()
            if _is_empty(url):
                taken.append(url)
                yield url
        pytest.fail(f"The Redis at REDIS_URL has no empty database left among {DATABASES[0]} to {DATABASES[-1]}.")

    yield take()
    for url in taken:
        with Redis.from_url(url) as client:
            client.flushdb()


@pytest.fixture(scope="session")
def real_redis_url(empty_databases: Iterator[str]) -> str:
    """A database of a real server, for processes that live as long as the session."""
    return next(empty_databases)


@pytest.fixture(scope="session")
def flushed_redis_url(empty_databases: Iterator[str]) -> str:
    """Another database, as no running process may see it flushed."""
    return next(empty_databases)


@pytest.fixture
def real_redis(flushed_redis_url: str) -> Iterator[Client]:
    """A client of a real server, in a database that is empty at the start of each test."""
    with connect(flushed_redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


def _databases_of_this_process() -> Sequence[int]:
    """Return the databases that no other process of pytest-xdist uses; all, if the tests started the server."""
    if "REDIS_URL" not in os.environ:
        return DATABASES
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return DATABASES[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


def _is_empty(url: str) -> bool:
    with Redis.from_url(url) as client:
        try:
            return bool(client.dbsize() == 0)
        except ResponseError:  # the server has fewer databases
            return False


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure_certificates(tmp_path_factory.mktemp("var"))


@pytest.fixture
def receiver(certificates: Certificates) -> Iterator[Receiver]:
    with Receiver(certificates.receiver) as receiver:
        yield receiver
