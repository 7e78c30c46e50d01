"""Events that must be on a replica before they are accepted."""

from __future__ import annotations

import os
import signal
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from running import wait_until
from silent_server import SilentServer
from stores import HISTORY, Store, new_delivery
from webhooks.deliveries.new_delivery import AcceptVerdict, Idempotency
from webhooks.errors import StorageUnavailable
from webhooks.store.breaker import Breaker
from webhooks.store.connection import Client, connect
from webhooks.store.ledger import RedisLedger
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.machine import Machine

PASSWORD = "a-password"


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[Client]:
    with EmbeddedRedis(tmp_path / "primary", PASSWORD) as server, connect(server.url) as client:
        client.config_set("repl-diskless-sync-delay", 0)  # it need not wait for more replicas
        client.config_set("shutdown-timeout", 0)  # nor for one that has gone
        yield client


@pytest.fixture
def replica(tmp_path: Path, primary: Client) -> Iterator[Client]:
    with EmbeddedRedis(tmp_path / "replica", PASSWORD) as server, connect(server.url) as client:
        address = primary.connection_pool.connection_kwargs
        client.config_set("masterauth", PASSWORD)
        client.replicaof(address["host"], address["port"])
        wait_until(lambda: client.info("replication")["master_link_status"] == "up", 60, "replicating")
        # It does not stop earlier.
        wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], 60, "keeping a file of it")
        wait_until(lambda: has_what_is_written(primary), 60, "replicating")
        yield client


def has_what_is_written(primary: Client) -> bool:
    """Return whether a replica has all current data."""
    primary.set("written", "")
    return int(primary.wait(1, 100)) == 1


def test_an_event_is_accepted_when_a_replica_has_it(primary: Client, replica: Client) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    (receipt,) = ledger.accept([new])
    assert receipt.verdict is AcceptVerdict.STORED
    assert replica.hget(f"delivery:{new.hook_id}", "state") == "queued"


@pytest.mark.parametrize("hangs", [False, True])
def test_an_unreachable_server_is_an_outage_with_replicas_too(hangs: bool) -> None:
    """The replica is gone or unresponsive: the first caller waits, and the next get an error at once."""
    url = "redis://127.0.0.1:{}/0"
    breaker = Breaker(pause=60)
    with SilentServer() as server, connect(url.format(server.port), timeout=0.2, breaker=breaker) as client:
        if not hangs:
            server.close()
        ledger = RedisLedger(client, HISTORY, replicas=1)
        for _ in range(5):
            with pytest.raises(StorageUnavailable):
                ledger.accept([new_delivery("f" * 40)])
        assert not hangs or server.connections() == 1


def test_a_primary_that_becomes_a_replica_is_an_outage(primary: Client) -> None:
    """As at a failover: the confirmation will never come."""
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    demoting = threading.Timer(0.2, primary.replicaof, ["127.0.0.1", 1])
    demoting.start()
    try:
        with pytest.raises(StorageUnavailable):
            ledger.accept([new])
    finally:
        demoting.join()


@pytest.mark.alone
def test_without_a_replica_no_event_is_accepted_and_the_error_is_quick(primary: Client, replica: Client) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    with frozen(replica), Machine() as machine, pytest.raises(StorageUnavailable):
        ledger.accept([new])
    assert machine.seconds < 1.5 + machine.slack


@pytest.mark.alone
def test_while_replicas_lag_one_caller_waits_and_others_get_an_error_at_once(
    primary: Client, replica: Client
) -> None:
    """Otherwise each would occupy a thread for the whole timeout."""
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    ref_id = Store(primary).account(social="https://hooks.example/")
    seconds = []
    with frozen(replica):
        for _ in range(5):
            began = monotonic()
            assert not is_promised(ledger, ref_id)
            seconds.append(monotonic() - began)
    first, *others = seconds
    assert statistics.median(others) < first / 2
    wait_until(lambda: is_promised(ledger, ref_id), 60, "promised")
    assert is_promised(ledger, ref_id)


def is_promised(ledger: RedisLedger, ref_id: str) -> bool:
    """Return whether an event is accepted."""
    try:
        ledger.accept([new_delivery(ref_id)])
    except StorageUnavailable:
        return False
    return True


@pytest.mark.alone
def test_a_repeated_event_is_accepted_when_a_replica_has_the_first(primary: Client, replica: Client) -> None:
    """It may come over another connection, which has written nothing to wait for."""
    ref_id = Store(primary).account(social="https://hooks.example/")
    new = new_delivery(ref_id, idempotency=Idempotency("producer", "key", "fingerprint"))
    with frozen(replica):
        for _ in range(2):
            primary.connection_pool.disconnect()
            with pytest.raises(StorageUnavailable):
                RedisLedger(primary, HISTORY, replicas=1).accept([new])
    (receipt,) = RedisLedger(primary, HISTORY, replicas=1).accept([new])
    assert receipt.verdict is AcceptVerdict.DUPLICATE
    assert replica.hget(f"delivery:{new.hook_id}", "state") == "queued"


@contextmanager
def frozen(server: Client) -> Iterator[None]:
    """Freeze a server for the duration of the block."""
    pid = server.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
