"""An event that must be on a replica before it is promised."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from running import wait_until
from stores import HISTORY, Store, new_delivery
from webhooks.errors import StorageUnavailable
from webhooks.ledger import Idempotency, Verdict
from webhooks.store.connection import Client, connect
from webhooks.store.ledger import RedisLedger
from webhooks_local.embedded_redis import EmbeddedRedis

PASSWORD = "a-password"


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[Client]:
    with EmbeddedRedis(tmp_path / "primary", PASSWORD) as server, connect(server.url) as client:
        yield client


@pytest.fixture
def replica(tmp_path: Path, primary: Client) -> Iterator[Client]:
    with EmbeddedRedis(tmp_path / "replica", PASSWORD) as server, connect(server.url) as client:
        address = primary.connection_pool.connection_kwargs
        client.config_set("masterauth", PASSWORD)
        client.replicaof(address["host"], address["port"])
        wait_until(lambda: client.info("replication")["master_link_status"] == "up", 10, "replicating")
        yield client


def test_a_delivery_is_promised_when_a_replica_has_it(primary: Client, replica: Client) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    (receipt,) = ledger.accept([new])
    assert receipt.verdict is Verdict.STORED
    assert replica.hget(f"delivery:{new.hook_id}", "state") == "queued"


@pytest.mark.parametrize("backlog", [0, 1])
def test_a_server_out_of_reach_is_an_outage_with_replicas_too(backlog: int) -> None:
    """Gone, or hanging: then the first caller waits, and the next are told at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not backlog:
            listener.close()
        with connect(f"redis://127.0.0.1:{port}/0", timeout=1) as client:
            ledger = RedisLedger(client, HISTORY, replicas=1)
            for number in range(5):
                began = monotonic()
                with pytest.raises(StorageUnavailable):
                    ledger.accept([new_delivery("f" * 40)])
                assert monotonic() - began < (2 if number == 0 else 1)


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


def test_without_a_replica_it_is_not_promised_and_that_is_told_in_time(primary: Client, replica: Client) -> None:
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    new = new_delivery(Store(primary).account(social="https://hooks.example/"))
    with frozen(replica):
        began = monotonic()
        with pytest.raises(StorageUnavailable):
            ledger.accept([new])
        assert monotonic() - began < 1.5


def test_while_replicas_hang_one_caller_waits_and_the_others_are_told_at_once(
    primary: Client, replica: Client
) -> None:
    """Each would hold a thread for as long as replicas may take, and the rest would wait for these."""
    ledger = RedisLedger(primary, HISTORY, replicas=1)
    ref_id = Store(primary).account(social="https://hooks.example/")
    with frozen(replica):
        for number in range(5):
            began = monotonic()
            assert not is_promised(ledger, ref_id)
            assert monotonic() - began < (1.5 if number == 0 else 0.5)
    wait_until(lambda: is_promised(ledger, ref_id), 5, "promised")
    assert is_promised(ledger, ref_id)


def is_promised(ledger: RedisLedger, ref_id: str) -> bool:
    """Tell whether an event is taken."""
    try:
        ledger.accept([new_delivery(ref_id)])
    except StorageUnavailable:
        return False
    return True


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
    assert receipt.verdict is Verdict.DUPLICATE
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
