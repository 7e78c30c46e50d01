"""An event that must be on a replica before it is promised."""

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
        # Until then it would not stop when it is told to.
        wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], 60, "keeping a file of it")
        wait_until(lambda: has_what_is_written(primary), 60, "replicating")
        yield client


def has_what_is_written(primary: Client) -> bool:
    """Report whether a replica has what is written now."""
    primary.set("written", "")
    return int(primary.wait(1, 100)) == 1


def test_a_delivery_is_promised_when_a_replica_has_it(primary: Client, replica: Client) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    (receipt,) = ledger.accept([new])
    assert receipt.verdict is AcceptVerdict.STORED
    assert replica.hget(f"delivery:{new.hook_id}", "state") == "queued"


@pytest.mark.parametrize("hangs", [False, True])
def test_a_server_out_of_reach_is_an_outage_with_replicas_too(hangs: bool) -> None:
    """Gone, or unresponsive: then the first caller waits, and the next get an error at once."""
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


def test_a_primary_that_is_made_a_replica_meanwhile_is_an_outage(primary: Client) -> None:
    """As at a failover: what it was waiting for will never come."""
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
def test_without_a_replica_it_is_not_promised_and_that_is_reported_in_time(
    primary: Client, replica: Client
) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    with frozen(replica), Machine() as machine, pytest.raises(StorageUnavailable):
        ledger.accept([new])
    assert machine.seconds < 1.5 + machine.slack


@pytest.mark.alone
def test_while_replicas_lag_one_caller_waits_and_others_get_an_error_at_once(
    primary: Client, replica: Client
) -> None:
    """Each would hold a thread for as long as replicas may take, and the rest would wait for these."""
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
    """Report whether an event is taken."""
    try:
        ledger.accept([new_delivery(ref_id)])
    except StorageUnavailable:
        return False
    return True


@pytest.mark.alone
def test_an_event_that_is_repeated_is_promised_only_when_a_replica_has_the_first(
    primary: Client, replica: Client
) -> None:
    """It may come by another connection, which has stored nothing that it could wait for."""
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
    """Let a server answer nothing for as long as the block takes."""
    pid = server.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
