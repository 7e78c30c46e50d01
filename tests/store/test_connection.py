"""The connection: an outage is told quickly and in the business's own word."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import pytest

from running import wait_until
from stores import Store, new_delivery
from webhooks.errors import StorageUnavailable
from webhooks.store.connection import Client, connect
from webhooks_local.embedded_redis import EmbeddedRedis

Write: TypeAlias = Callable[[Store, str], object]
WAYS_TO_WRITE: dict[str, Write] = {
    "a command": lambda store, ref_id: store.webhooks.put_secret(ref_id, "sealed"),
    "a transaction": lambda store, ref_id: store.register(ref_id, "feed", "https://hooks.example/"),
    "a script": lambda store, ref_id: store.ledger.accept([new_delivery(ref_id)]),
}
every_way_to_write = pytest.mark.parametrize("write", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that may be spoiled."""
    with EmbeddedRedis(tmp_path_factory.mktemp("own"), "a-password") as server, connect(server.url) as client:
        yield client


@contextmanager
def snapshots_failing(server: Client) -> Iterator[None]:
    in_the_way = Path(server.config_get("dir")["dir"]) / "dump.rdb"
    in_the_way.mkdir()
    server.config_set("save", "1000000 1")
    server.bgsave()
    try:
        wait_until(lambda: not server.info("persistence")["rdb_bgsave_in_progress"], 5, "failed")
        yield
    finally:
        server.config_set("save", "")
        in_the_way.rmdir()


@every_way_to_write
def test_a_server_that_is_gone_is_an_outage(write: Write) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as client, pytest.raises(StorageUnavailable):
        write(Store(client), "f" * 40)


@every_way_to_write
def test_a_server_that_never_answers_is_an_outage_after_the_timeout(write: Write) -> None:
    """It is tried once: redis-py would try ten times."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        connect(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", timeout=0.05) as client,
    ):
        begun = monotonic()
        with pytest.raises(StorageUnavailable):
            write(Store(client), "f" * 40)
        assert monotonic() - begun < 1


def test_while_a_server_hangs_one_caller_waits_and_the_others_are_told_at_once() -> None:
    """Many callers would hold all threads for the length of the timeout, and the rest would wait for these."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        connect(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", timeout=0.2) as client,
    ):
        for ways in range(10):
            begun = monotonic()
            with pytest.raises(StorageUnavailable):
                client.get("anything") if ways % 2 else client.pipeline().get("anything").execute()
            assert monotonic() - begun < (1 if ways == 0 else 0.1)


@every_way_to_write
def test_a_server_that_is_full_is_an_outage(own_server: Client, write: Write) -> None:
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    own_server.config_set("maxmemory", 1)
    try:
        with pytest.raises(StorageUnavailable):
            write(store, profile)
    finally:
        own_server.config_set("maxmemory", 0)


@every_way_to_write
def test_a_server_that_cannot_save_is_an_outage(own_server: Client, write: Write) -> None:
    """As with a full disk: it refuses to write since its last snapshot failed."""
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    with snapshots_failing(own_server), pytest.raises(StorageUnavailable):
        write(store, profile)


def test_a_connection_that_was_closed_while_idle_is_opened_again(
    real_redis: Client, redis_server_url: str
) -> None:
    real_redis.set("owed", "a delivery")
    with connect(redis_server_url) as other:
        assert other.client_kill_filter(_id=real_redis.client_id()) == 1
    assert real_redis.get("owed") == "a delivery"


def test_a_script_that_the_server_has_forgotten_is_loaded_again(own_server: Client) -> None:
    """It forgets them at a restart."""
    store = Store(own_server)
    profile = store.account(social="https://hooks.example/")
    store.owed(profile)
    own_server.script_flush()
    assert store.owed(profile)
