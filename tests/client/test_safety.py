"""The client leaks no key, changes no event, and can be shared by threads."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fake_clock import FakeClock
from scripted_service import (
    EVENT,
    KEY,
    LOST,
    UNAVAILABLE,
    Answer,
    ScriptedService,
    numbered,
    receipt,
)
from webhooks_client import (
    Client,
    ClientError,
    UnexpectedAnswer,
)


def test_the_callers_events_are_never_changed(client: Client) -> None:
    events = numbered(3, details={"code": 200})
    before = copy.deepcopy(events)
    client.send(events[0])
    client.send_many(events)
    assert events == before


@pytest.mark.parametrize("answer", [LOST, UNAVAILABLE, Answer(401), Answer(400), Answer(302), Answer(202)])
def test_no_message_or_repr_contains_the_key(
    service: ScriptedService, fake_clock: FakeClock, answer: Answer
) -> None:
    service.script.append(answer)
    with Client(service.url, KEY, patience=0, clock=fake_clock.clock) as client:
        assert repr(client) == f"Client('{service.url}')"
        with pytest.raises(ClientError) as raised:
            client.send(EVENT)
    assert KEY not in f"{raised.value} {raised.value!r} {vars(raised.value)}"


def test_a_redirect_is_not_followed(client: Client, service: ScriptedService) -> None:
    with ScriptedService().running() as elsewhere:
        service.script.append(Answer(307, {}, {"Location": f"{elsewhere.url}/api/events"}))
        with pytest.raises(UnexpectedAnswer, match="307"):
            client.send(EVENT)
    assert elsewhere.calls == []


def test_a_netrc_does_not_replace_the_key(
    client: Client, service: ScriptedService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` prefers a .netrc to a header."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client.send(EVENT)
    assert service.calls[0].headers["Authorization"] == f"Bearer {KEY}"


def test_cookies_are_not_kept(client: Client, service: ScriptedService) -> None:
    """Threads share a client, so a call must not change its state."""
    service.script.append(lambda call: Answer(202, receipt(call.json), {"Set-Cookie": "a=b"}))
    client.send(EVENT)
    client.send(EVENT)
    assert "Cookie" not in service.calls[1].headers


def test_threads_may_share_a_client(client: Client, service: ScriptedService) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(client.send, numbered(100)))
    assert {receipt.state for receipt in receipts} == {"queued"}
    assert sorted(json.loads(call.body)["number"] for call in service.calls) == list(range(100))
