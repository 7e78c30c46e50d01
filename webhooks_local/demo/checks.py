"""Checks Ringback's promises against the calls that the demo's receiver got."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webhooks_local.demo.evidence import CheckResult, Evidence, Schedule, without_exception
from webhooks_local.demo.times import TOLERANCE, first_attempts, retries, silence
from webhooks_local.receiver.calls import Call, verify

_ISO_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def check(evidence: Sequence[Evidence], all_calls: Sequence[Call], schedule: Schedule) -> Iterator[CheckResult]:
    """Yield a result on each promise.

    Args:
        evidence: the evidence for every event that was sent.
        all_calls: all calls that the receiver got, on any path.
        schedule: when retries are due.
    """
    yield _right_webhook(evidence)
    yield _nothing_else(evidence, all_calls)
    yield first_attempts(evidence)
    yield from (retries(each, schedule) for each in evidence if each.behaviour != "ok")
    yield from (silence(each, schedule) for each in evidence if each.behaviour == "hang")
    yield _success_ends([each for each in evidence if each.behaviour != "hang"])
    yield _same_id(evidence)
    yield _numbered(evidence)
    yield _signed(evidence)
    yield _complete(evidence)


def _right_webhook(evidence: Sequence[Evidence]) -> CheckResult:
    missed = [each.name for each in evidence if not each.calls]
    return without_exception("An event goes to its profile's webhook, or else to the primary profile's", missed)


def _nothing_else(evidence: Sequence[Evidence], all_calls: Sequence[Call]) -> CheckResult:
    paths = {each.sent.path for each in evidence}
    extra = [f"{call.method} {call.path}" for call in all_calls if call.path not in paths]
    extra += [each.name for each in evidence if len(each.calls) != len(each.statuses)]
    return without_exception("Nothing else is called, and every call is recorded", extra)


def _success_ends(evidence: Sequence[Evidence]) -> CheckResult:
    wrong = []
    for each in evidence:
        failures = 2 if each.behaviour == "fail" else 0
        if each.statuses != [500] * failures + [200] or each.delivery["state"] != "delivered":
            wrong.append(f"{each.name}: {each.statuses} {each.delivery['state']}")
    return without_exception("A success ends the delivery", wrong)


def _same_id(evidence: Sequence[Evidence]) -> CheckResult:
    wrong = [
        each.name
        for each in evidence
        for call in each.calls
        if not call.json.get("hookId") == call.header("webhook-id") == each.sent.hook_id
    ]
    return without_exception("The hookId is the same in every attempt", wrong)


def _numbered(evidence: Sequence[Evidence]) -> CheckResult:
    wrong = [
        f"{each.name}, attempt {number}"
        for each in evidence
        for number, call in enumerate(each.calls, start=1)
        if call.json.get("retry") is not (number > 1) or call.header("X-Webhook-Attempt") != str(number)
    ]
    return without_exception("`retry` is false at first and then true, and attempts are numbered", wrong)


def _signed(evidence: Sequence[Evidence]) -> CheckResult:
    wrong = []
    for each in evidence:
        for call in each.calls:
            if not verify(call, each.sent.owner.secret):
                wrong.append(f"{each.name}: not valid")
            if not all(_is_now(call, name) for name in ("X-Authorization-Timestamp", "webhook-timestamp")):
                wrong.append(f"{each.name}: not of this attempt")
    return without_exception("Both signatures are valid, and made anew for each attempt", wrong)


def _is_now(call: Call, name: str) -> bool:
    stamp = call.header(name) or ""
    # Stamps are whole seconds, rounded down.
    return stamp.isdecimal() and -TOLERANCE <= call.received - int(stamp) <= 1 + TOLERANCE


def _complete(evidence: Sequence[Evidence]) -> CheckResult:
    wrong = [f"{each.name}: {name}" for each in evidence for call in each.calls for name in _wrong(each, call)]
    return without_exception("Each body is the event with its title, url, created and code", wrong)


def _wrong(each: Evidence, call: Call) -> Iterator[str]:
    """Yield the names of fields in the body of a call that are not as promised."""
    # The event's own fields come last: for `batch`, `url` is one of them.
    expected = {"url": each.url, "title": each.sent.profile.title, "code": 200, **each.sent.event}
    yield from (name for name, value in expected.items() if call.json.get(name) != value)
    if not _ISO_SECONDS.fullmatch(str(call.json.get("created"))):
        yield "created"
    if call.header("Content-Type") != "application/json":
        yield "Content-Type"
