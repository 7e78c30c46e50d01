"""Handles are reused, and no call inherits anything from an earlier one."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path

import pycurl
import pytest

from transport.conftest import Post, ending_of
from webhooks.http.call import Call, Outcome
from webhooks.http.destinations import read_url
from webhooks.http.transport import Transport
from webhooks.http.transport.dialling import LentSocket
from webhooks.http.transport.exchange import Exchange
from webhooks.http.transport.handles import MAX_KEPT, Handles
from webhooks.http.transport.rules import Rules
from webhooks_local.fleet import wait_until
from webhooks_local.receiver import Receiver


@pytest.fixture
def handles(tmp_path: Path) -> Handles:
    return Handles(Rules(1.0, "Ringback/test", (), tmp_path, LentSocket))


def exchanges() -> list[Exchange]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Exchange)]


def send(transport: Transport, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Make one call, and wait until it has succeeded."""
    ending = ending_of(transport, Call(read_url(url), headers, body))
    assert isinstance(ending, Outcome)
    assert ending.succeeded


def test_a_call_inherits_nothing_from_the_previous_one(transport: Transport, receiver: Receiver) -> None:
    send(
        transport,
        receiver.url("/ok/1"),
        {"X-First": "secret", "Content-Type": "application/json"},
        b'{"a":"long"}',
    )
    send(transport, receiver.url("/ok/2"), {"Content-Type": "application/json"}, b"{}")
    (call,) = receiver.calls("/ok/2")
    assert call.header("X-First") is None
    assert call.body == b"{}"


def test_a_pooled_handle_keeps_nothing_of_its_call(post: Post, receiver: Receiver) -> None:
    """Otherwise bodies and answers of up to 64 kB would stay in memory until the next call of the handle."""
    assert post(receiver.url("/ok/1")).succeeded
    wait_until(lambda: not exchanges(), 60, "forgotten")


def test_a_handle_is_reused(handles: Handles) -> None:
    handle = handles.take()
    handles.give_back(handle, again=True)
    assert handles.take() is handle


def test_a_handle_whose_call_failed_is_not_reused(handles: Handles) -> None:
    handle = handles.take()
    handles.give_back(handle, again=False)
    assert handles.take() is not handle
    with pytest.raises(pycurl.error):
        handle.setopt(pycurl.URL, "https://hooks.example/")


def test_a_limited_number_of_handles_is_kept(handles: Handles) -> None:
    taken = [handles.take() for _ in range(MAX_KEPT + 1)]
    for handle in taken:
        handles.give_back(handle, again=True)
    assert {id(handles.take()) for _ in taken} - {id(handle) for handle in taken} != set()
