"""The clients that kombu's transport creates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection

from messaging.redis_transport import Transport


@pytest.fixture
def channel(flushed_redis_url: str) -> Iterator[Any]:
    with Connection(flushed_redis_url, transport=Transport) as connection:
        yield connection.default_channel


def test_one_client_writes_all_messages(channel: Any) -> None:
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
        assert first.ping()


def test_closed_connections_make_a_new_client(channel: Any) -> None:
    with channel.conn_or_acquire() as before:
        channel._disconnect_pools()  # as kombu does after an outage
    with channel.conn_or_acquire() as after:
        assert after is not before
        assert after.ping()
