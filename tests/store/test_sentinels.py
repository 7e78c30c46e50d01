"""With Sentinels: an unresponsive server is an outage, and the connection to a former primary is closed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest

from config.redis_url import Sentinels as Asked
from config.redis_url import parse_redis_url
from sentinels import Sentinels
from webhooks.errors import StorageUnavailable
from webhooks.store.connection import Client, connect
from webhooks_local.machine import Machine

Demote: TypeAlias = Callable[[Client], object]
Write: TypeAlias = Callable[[Client], object]

WAYS_TO_DEMOTE: dict[str, Demote] = {
    "a replica": lambda server: server.execute_command("REPLICAOF", "127.0.0.1", "1"),
    "cut off": lambda server: server.config_set("min-replicas-to-write", 2),
}
WAYS_TO_WRITE: dict[str, Write] = {
    "a command": lambda client: client.set("key", "value"),
    "a transaction": lambda client: client.pipeline().set("key", "value").execute(),
    "a script": lambda client: client.register_script("return redis.call('SET', 'key', 'value')")(),
}


pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    with Sentinels(tmp_path_factory.mktemp("sentinels")) as sentinels:
        yield sentinels


@pytest.fixture
def primary(sentinels: Sentinels) -> Iterator[Client]:
    """The primary itself; it is a primary again afterwards."""
    with sentinels.client(sentinels.primary) as primary:
        yield primary
        primary.execute_command("REPLICAOF", "NO", "ONE")
        primary.config_set("min-replicas-to-write", 0)


def test_sentinels_that_never_answer_are_an_outage_after_the_timeout() -> None:
    """They share the timeout."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(10)]
        asked = Asked(tuple(listener.getsockname() for listener in listeners), "service")
        client = stack.enter_context(connect("redis:///0", asked, timeout=1))
        with Machine() as machine, pytest.raises(StorageUnavailable):
            client.get("key")
    assert 1 <= machine.seconds < 2 + machine.slack


def test_an_unknown_service_is_an_outage(sentinels: Sentinels) -> None:
    server = parse_redis_url(sentinels.url.replace("/Ringback-Test/", "/Unknown/"))
    with connect(server.url, server.sentinels) as client, pytest.raises(StorageUnavailable):
        client.get("key")


@pytest.mark.parametrize("demote", WAYS_TO_DEMOTE.values(), ids=WAYS_TO_DEMOTE)
@pytest.mark.parametrize("write", WAYS_TO_WRITE.values(), ids=WAYS_TO_WRITE)
def test_the_connection_to_a_former_primary_is_closed(
    sentinels: Sentinels, primary: Client, write: Write, demote: Demote
) -> None:
    server = parse_redis_url(sentinels.url)
    with connect(server.url, server.sentinels, timeout=0.3) as client:
        write(client)
        demote(primary)
        with pytest.raises(StorageUnavailable):
            write(client)
        # The connection is not used again: the Sentinels are asked.
        sentinels.freeze(*sentinels.sentinels)
        try:
            with pytest.raises(StorageUnavailable):
                client.get("key")
        finally:
            sentinels.thaw(*sentinels.sentinels)
