"""The connection: every outage is reported quickly, as `StorageUnavailable`."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import sleep
from typing import TypeAlias

import pytest

from doubles import OK, contents
from running import wait_until
from silent_server import SilentServer
from stores import Store, new_delivery
from webhooks.accounts.rate_limits import RateLimiter
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.errors import StorageUnavailable
from webhooks.redelivery.redelivery import RedeliveryVerdict, redelivery_of
from webhooks.store.breaker import Breaker
from webhooks.store.buckets import RedisBuckets
from webhooks.store.connection import Client, connect
from webhooks_local.embedded_redis import EmbeddedRedis

Write: TypeAlias = Callable[[Store, str], object]
WAYS_TO_WRITE: dict[str, Write] = {
    "a command": lambda store, ref_id: store.set_secret(ref_id, "sealed"),
    "a transaction": lambda store, ref_id: store.register(ref_id, "feed", "https://hooks.example/"),
    "a script": lambda store, ref_id: store.ledger.accept([new_delivery(ref_id)]),
}
every_way_to_write = pytest.mark.parametrize("write", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that a test may damage."""
    with EmbeddedRedis(tmp_path_factory.mktemp("own"), "a-password") as server, connect(server.url) as client:
        yield client


@contextmanager
def full(server: Client) -> Iterator[None]:
    server.config_set("maxmemory", 1)
    try:
        yield
    finally:
        server.config_set("maxmemory", 0)


@contextmanager
def unable_to_save(server: Client) -> Iterator[None]:
    """As with a full disk: it refuses writes because its last snapshot failed."""
    in_the_way = Path(server.config_get("dir")["dir"]) / "dump.rdb"
    in_the_way.mkdir()
    server.config_set("save", "1000000 1")
    server.bgsave()
    try:
        wait_until(lambda: not server.info("persistence")["rdb_bgsave_in_progress"], 60, "failed")
        yield
    finally:
        server.config_set("save", "")
        in_the_way.rmdir()


@contextmanager
def replica(server: Client) -> Iterator[None]:
    server.replicaof("127.0.0.1", 1)
    try:
        yield
    finally:
        server.replicaof("NO", "ONE")


@contextmanager
def short_of_replicas(server: Client) -> Iterator[None]:
    server.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        server.config_set("min-replicas-to-write", 0)


Refusing: TypeAlias = Callable[[Client], AbstractContextManager[None]]
REFUSING: list[Refusing] = [full, unable_to_save, replica, short_of_replicas]
whatever_it_refuses_for = pytest.mark.parametrize("refusing", REFUSING, ids=lambda refusing: refusing.__name__)


@every_way_to_write
def test_an_unreachable_server_is_an_outage(write: Write) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as client, pytest.raises(StorageUnavailable):
        write(Store(client), "f" * 40)


@every_way_to_write
def test_a_server_that_never_answers_is_an_outage_after_the_timeout(write: Write) -> None:
    """It is tried once; by default redis-py tries ten times."""
    with SilentServer() as server, connect(f"redis://127.0.0.1:{server.port}/0", timeout=0.05) as client:
        with pytest.raises(StorageUnavailable):
            write(Store(client), "f" * 40)
        assert server.connections() == 1


def test_while_redis_hangs_one_caller_waits_and_others_fail_at_once() -> None:
    """Otherwise many callers would hold all threads for the length of the timeout."""
    url = "redis://127.0.0.1:{}/0"
    breaker = Breaker(pause=60)
    with SilentServer() as server, connect(url.format(server.port), timeout=0.2, breaker=breaker) as client:
        for ways in range(10):
            with pytest.raises(StorageUnavailable):
                client.get("anything") if ways % 2 else client.pipeline().get("anything").execute()
        assert server.connections() == 1


def test_while_dns_hangs_one_caller_waits_and_others_fail_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This is no timeout: in the end the name is reported as unknown."""
    look_ups = []

    def look_up(*_: object) -> None:
        look_ups.append(1)
        sleep(0.2)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with connect("redis://redis.invalid/0", breaker=Breaker(pause=60, slow=0.1)) as client:
        for _ in range(5):
            with pytest.raises(StorageUnavailable):
                client.get("anything")
    assert len(look_ups) == 1


@every_way_to_write
@whatever_it_refuses_for
def test_a_read_only_server_is_an_outage(own_server: Client, refusing: Refusing, write: Write) -> None:
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    with refusing(own_server), pytest.raises(StorageUnavailable):
        write(store, profile)


@whatever_it_refuses_for
def test_a_refused_claim_is_an_outage_and_damages_no_delivery(own_server: Client, refusing: Refusing) -> None:
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    hook_ids = [store.owed(profile) for _ in range(2)]
    with refusing(own_server), pytest.raises(StorageUnavailable):
        store.claims(hook_ids)
    assert [claim.hook_id for claim in store.claims(hook_ids).claims] == hook_ids


@whatever_it_refuses_for
def test_a_refused_redelivery_is_an_outage_and_changes_nothing(own_server: Client, refusing: Refusing) -> None:
    store = Store(own_server)
    hook_id = store.ended(store.account(social="https://hooks.example/"))
    revival = redelivery_of(store.record_of(hook_id))
    assert revival is not None
    before = contents(own_server)
    with refusing(own_server), pytest.raises(StorageUnavailable):
        store.redeliveries.redeliver(revival)
    assert contents(own_server) == before
    assert store.redeliveries.redeliver(revival).verdict is RedeliveryVerdict.REDELIVERED


def test_a_full_server_still_records_outcomes(own_server: Client) -> None:
    """The call has been made, and would otherwise be repeated."""
    store = Store(own_server)
    hook_id = store.owed(store.account(social="https://hooks.example/"))
    claim = store.claim(hook_id)
    attempt = Attempt(claim.number, claim.began, claim.retry, OK)
    with full(own_server):
        assert store.record([Entry(claim, State.DELIVERED, attempt)]) == [True]
    assert (store.delivery(hook_id).state, store.delivery(hook_id).attempts) == (State.DELIVERED, (attempt,))


def test_a_full_server_still_gives_claims_back(own_server: Client) -> None:
    store = Store(own_server)
    hook_id = store.owed(store.account(social="https://hooks.example/"))
    claim = store.claim(hook_id)
    with full(own_server):
        assert store.ledger.release([claim]) == [hook_id]


@whatever_it_refuses_for
def test_a_read_only_server_counts_no_calls(own_server: Client, refusing: Refusing) -> None:
    """Calls that only read are answered then, as if there was no limit."""
    rate_limiter = RateLimiter(RedisBuckets(own_server), api_limit=1, ingest_limit=0)
    with refusing(own_server):
        assert [rate_limiter.customer_calls("a" * 40) for _ in range(3)] == [None] * 3


def test_a_connection_closed_while_idle_is_reopened(real_redis: Client, redis_server_url: str) -> None:
    real_redis.set("owed", "a delivery")
    with connect(redis_server_url) as other:
        assert other.client_kill_filter(_id=real_redis.client_id()) == 1
    assert real_redis.get("owed") == "a delivery"


def test_a_script_missing_on_the_server_is_loaded_again(own_server: Client) -> None:
    """It loses them at a restart."""
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    store.owed(profile)
    own_server.script_flush()
    assert store.owed(profile)


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])
def test_a_local_shortage_while_connecting_is_an_outage(
    flushed_redis_url: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(getattr(errno, name), "")

    with connect(flushed_redis_url) as client:
        monkeypatch.setattr(socket, "socket", refuse)
        with pytest.raises(StorageUnavailable):
            client.ping()
