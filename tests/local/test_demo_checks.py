"""The demo's results: each broken promise is found, and no kept one is reported."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from webhooks_local.demo.checks import check
from webhooks_local.demo.evidence import Evidence, Schedule
from webhooks_local.demo.scene import Profile, Sent
from webhooks_local.receiver.calls import Call

SECRET = "correct-horse"
SCHEDULE = Schedule(delays=[5.0, 30.0], timeout=10.0)
PROFILE = Profile("Corner Bakery", "a" * 40, "profile-key", SECRET)
EVENT = {"action": "scheduled", "refId": PROFILE.ref_id, "status": "success"}
HOOK_ID = "aB3dE6gH9jK2mN5pQ8sT"
START = 1767575927.25


def call(path: str, number: int, at: float, **changes: Any) -> Call:
    """Return a correct call for attempt `number`, with `changes` to its body."""
    fields = {
        "url": f"https://receiver{path}",
        "title": PROFILE.title,
        "created": "2026-01-05T01:18:47Z",
        "code": 200,
        "hookId": HOOK_ID,
        "retry": number > 1,
    }
    body = json.dumps(EVENT | fields | changes).encode()
    stamp = str(int(at))
    plain = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    standard = hmac.new(SECRET.encode(), f"{HOOK_ID}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = [
        ("Content-Type", "application/json"),
        ("X-Webhook-Attempt", str(number)),
        ("X-Authorization-Timestamp", stamp),
        ("X-Authorization-Content-SHA256", plain),
        ("X-Authorization-Content-SHA256-V2", f"v1={plain}"),
        ("webhook-id", HOOK_ID),
        ("webhook-timestamp", stamp),
        ("webhook-signature", f"v1,{base64.b64encode(standard).decode()}"),
    ]
    return Call(path, "POST", headers, body, at)


def evidence(path: str, state: str, attempts: list[tuple[float, int, float]]) -> Evidence:
    """Return the evidence for attempts, given as (seconds after the start, status, duration in seconds)."""
    records = [{"status": status, "ms": took * 1000} for _, status, took in attempts]
    calls = [call(path, number, START + at) for number, (at, _, _) in enumerate(attempts, start=1)]
    sent = Sent(HOOK_ID, EVENT, PROFILE, PROFILE, path, START - 0.05)
    return Evidence(sent, {"state": state, "attempts": records}, calls, f"https://receiver{path}")


OK = evidence("/ok/x", "delivered", [(0, 200, 0.01)])
FLAKY = evidence("/fail/2/x", "delivered", [(0, 500, 0.01), (5.1, 500, 0.01), (35.2, 200, 0.01)])
SILENT = evidence("/hang/x", "exhausted", [(0, 503, 10.0), (15.1, 503, 10.0), (55.2, 503, 10.0)])


def broken(*given: Evidence, extra: tuple[Call, ...] = ()) -> list[str]:
    """Return the promises that the checks report as broken."""
    all_calls = [one for each in given for one in each.calls] + list(extra)
    return [result.promise for result in check(given, all_calls, SCHEDULE) if not result.kept]


def with_calls(before: Evidence, change: Callable[[Call], Call]) -> Evidence:
    return dataclasses.replace(before, calls=[change(one) for one in before.calls])


def test_kept_promises_pass() -> None:
    assert broken(OK, FLAKY, SILENT) == []


@pytest.mark.parametrize(
    ("given", "promise"),
    [
        (dataclasses.replace(OK, calls=[]), "An event goes to its profile's webhook"),
        (dataclasses.replace(OK, calls=[*OK.calls, *OK.calls]), "Nothing else is called"),
        (with_calls(OK, lambda one: dataclasses.replace(one, received=START + 3)), "The first attempt"),
        (evidence("/fail/2/x", "delivered", [(0, 500, 0), (9, 500, 0), (39, 200, 0)]), "Corner Bakery: retr"),
        (evidence("/fail/2/x", "delivered", [(0, 500, 0), (5, 500, 0)]), "Corner Bakery: retries"),
        (evidence("/fail/2/x", "delivered", [(0, 500, 0), (5, 200, 0), (35, 200, 0)]), "A success ends"),
        (
            evidence("/hang/x", "exhausted", [(0, 503, 12), (17, 503, 12), (59, 503, 12)]),
            "Corner Bakery: 503",
        ),
        (evidence("/hang/x", "retrying", [(0, 503, 10), (15, 503, 10), (55, 503, 10)]), "Corner Bakery: 503"),
        (with_calls(OK, lambda one: call(one.path, 1, START, hookId="other")), "The hookId is the same"),
        (with_calls(OK, lambda one: call(one.path, 1, START, retry=True)), "`retry` is false at first"),
        (with_calls(OK, lambda one: call(one.path, 2, START, retry=False)), "`retry` is false at first"),
        (with_calls(OK, lambda one: dataclasses.replace(one, body=one.body + b" ")), "Both signatures"),
        (with_calls(OK, lambda one: dataclasses.replace(one, received=START + 3)), "Both signatures"),
        (with_calls(OK, lambda one: call(one.path, 1, START, title="Other")), "Each body is the event"),
        (with_calls(OK, lambda one: call(one.path, 1, START, created="yesterday")), "Each body is the event"),
        (with_calls(OK, lambda one: call(one.path, 1, START, status="error")), "Each body is the event"),
    ],
)
def test_a_broken_promise_is_found(given: Evidence, promise: str) -> None:
    assert any(found.startswith(promise) for found in broken(given))


def test_a_call_to_another_path_is_found() -> None:
    """For example to the webhook of another profile."""
    assert broken(OK, extra=(call("/ok/primary/social", 1, START),)) == [
        "Nothing else is called, and every call is recorded"
    ]


def test_a_batch_event_keeps_its_own_url() -> None:
    """It is the URL of the producer's file, which the URL of the webhook must not replace."""
    event = EVENT | {"action": "batch", "url": "https://files.example.com/users.csv"}
    batch = dataclasses.replace(OK, sent=dataclasses.replace(OK.sent, event=event))
    with_own_url = with_calls(batch, lambda one: call(one.path, 1, START, action="batch", url=event["url"]))
    assert broken(with_own_url) == []
    with_webhook_url = with_calls(batch, lambda one: call(one.path, 1, START, action="batch"))
    assert len(broken(with_webhook_url)) == 1
