"""The demo's checks of times, by the clock of the receiver."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from webhooks_local.demo.evidence import CheckResult, Evidence, Schedule

TOLERANCE = 1.0
"""Seconds by which a call may be early or late."""


def first_attempts(evidence: Sequence[Evidence]) -> CheckResult:
    """Check that the first attempt of every event is made within a second."""
    waits = [each.calls[0].received - each.sent.at for each in evidence if each.calls]
    kept = len(waits) == len(evidence) and max(waits, default=0) <= TOLERANCE
    return CheckResult("The first attempt is made at once", kept, f"within {max(waits, default=0):.2f} s")


def retries(each: Evidence, schedule: Schedule) -> CheckResult:
    """Check that each retry is made its delay after the previous failure."""
    failures = [call.received + took for call, took in zip(each.calls, each.durations, strict=False)]
    waits = [retry.received - failure for failure, (_, retry) in zip(failures, pairwise(each.calls), strict=False)]
    kept = len(waits) == len(schedule.delays) and all(
        abs(wait - delay) <= TOLERANCE for wait, delay in zip(waits, schedule.delays, strict=True)
    )
    promised = " and ".join(f"{delay:g} s" for delay in schedule.delays)
    seen = ", ".join(f"{wait:.2f} s" for wait in waits) or "none"
    return CheckResult(f"{each.sent.profile.title}: retries come {promised} after each failure", kept, seen)


def silence(each: Evidence, schedule: Schedule) -> CheckResult:
    """Check that calls to a receiver that never answers time out, and that its delivery ends as exhausted."""
    kept = (
        each.statuses == [503] * (len(schedule.delays) + 1)
        and all(abs(took - schedule.timeout) <= TOLERANCE for took in each.durations)
        and each.delivery["state"] == "exhausted"
    )
    attempts = zip(each.statuses, each.durations, strict=True)
    seen = [f"{status} at {took:.2f} s" for status, took in attempts] + [str(each.delivery["state"])]
    promise = f"{each.sent.profile.title}: 503 after {schedule.timeout:g} s each time, then exhausted"
    return CheckResult(promise, kept, ", ".join(seen))
