"""Delivering: claim what is due, sign it, send it, record what came of it.

`deliver` returns as soon as its calls have begun. A thread of its own records results as they end, as many
together as have ended by then. So a receiver that hangs holds up nobody.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from webhooks.calls import Call, call_for
from webhooks.deliveries import Attempt, Failure, Outcome, State
from webhooks.errors import StorageUnavailable
from webhooks.ledger import Claim, Entry, Ledger
from webhooks.retries import decide
from webhooks.ringing import Ring, ring_together
from webhooks.room import Room
from webhooks.secrets import SecretBox, UnreadableSecret

#: Seconds that a lease outlives the deadline of its call, for signing before it and recording after it.
LEASE_MARGIN = 5.0
#: Results that are recorded in one step at most.
MOST_AT_ONCE = 200
#: Seconds before recording is tried again while storage is away.
STORAGE_PAUSE = 1.0

log = structlog.get_logger()


class Calls(Protocol):
    """What makes the HTTP calls."""

    def send(self, call: Call, on_end: Callable[[Outcome], None]) -> None:
        """Begin a call; `on_end` gets its outcome, perhaps in another thread."""


@dataclass(frozen=True)
class Limits:
    """How deliveries are attempted.

    Attributes:
        timeout: seconds that one exchange may take.
        retry_delays: seconds from a failed attempt to the next.
        in_flight: calls that one process makes at the same time at most.
    """

    timeout: float
    retry_delays: tuple[float, ...]
    in_flight: int = 1000


@dataclass(frozen=True)
class _Result:
    """A claim whose attempt has ended; without an outcome, for want of a webhook, no call was made."""

    claim: Claim
    outcome: Outcome | None


class Delivering:
    """Makes attempts. `deliver` may be called from any number of threads.

    Args:
        ring: called with the ids that are to be attempted again, and in how many seconds.
    """

    def __init__(self, ledger: Ledger, calls: Calls, box: SecretBox, ring: Ring, limits: Limits) -> None:
        self._ledger = ledger
        self._calls = calls
        self._box = box
        self._ring = ring
        self._limits = limits
        self._room = Room(limits.in_flight)
        self._results: queue.SimpleQueue[_Result | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._recorder = threading.Thread(target=self._record_results, name="recorder", daemon=True)
        self._recorder.start()

    def deliver(self, hook_ids: Sequence[str]) -> int:
        """Begin an attempt for each delivery that is due; returns how many there were.

        It waits while the process has as many calls in flight as it may.

        Raises:
            StorageUnavailable: nothing was begun; the sweep will publish the ids again.
        """
        begun = 0
        for start in range(0, len(hook_ids), self._limits.in_flight):
            begun += self._begin_all(hook_ids[start : start + self._limits.in_flight])
        return begun

    def close(self, patience: float) -> bool:
        """Let calls in flight end and be recorded, for up to `patience` seconds; returns whether all were.

        What is not recorded is attempted again when its lease has run out.
        """
        finished = self._room.wait_until_empty(patience)
        self._closing.set()
        self._results.put(None)
        self._recorder.join(timeout=STORAGE_PAUSE)
        return finished

    def _begin_all(self, hook_ids: Sequence[str]) -> int:
        self._room.enter(len(hook_ids))
        claims: list[Claim] = []
        try:
            claims = self._ledger.claim(hook_ids, self._limits.timeout + LEASE_MARGIN)
        finally:
            self._room.leave(len(hook_ids) - len(claims))
        for claim in claims:
            try:
                self._begin(claim)
            except Exception:  # one that cannot be begun must not keep the others from it; its lease runs out
                log.exception("delivery.cannot_begin", hook_id=claim.hook_id)
                self._room.leave(1)
        return len(claims)

    def _begin(self, claim: Claim) -> None:
        end = partial(self._end, claim)
        if claim.url is None:
            end(None)
            return
        try:
            secrets = [self._box.open(claim.owner, claim.sealed_secret)] if claim.sealed_secret else []
        except UnreadableSecret:
            # Never unsigned: the customer would have to refuse it, or worse, would not.
            end(Outcome(None, Failure.SIGNING, 0))
            return
        self._calls.send(call_for(claim, claim.url, secrets), end)

    def _end(self, claim: Claim, outcome: Outcome | None) -> None:
        self._results.put(_Result(claim, outcome))

    def _record_results(self) -> None:
        while not (self._closing.is_set() and self._results.empty()):
            if not (results := self._next_results()):
                continue
            try:
                self._record([self._entry(result) for result in results])
            except Exception:  # the thread must live; the leases of these run out
                log.exception("delivery.cannot_record", attempts=len(results))
            self._room.leave(len(results))

    def _next_results(self) -> list[_Result]:
        """Wait for a result, and return it with all that have come by then."""
        results = [self._results.get()]
        while len(results) < MOST_AT_ONCE and not self._results.empty():
            results.append(self._results.get())
        return [result for result in results if result is not None]

    def _entry(self, result: _Result) -> Entry:
        claim, outcome = result.claim, result.outcome
        if outcome is None:
            return Entry(claim, State.CANCELED)
        decision = decide(claim.number, outcome, self._limits.retry_delays)
        attempt = Attempt(claim.number, claim.claimed, claim.retry, outcome)
        return Entry(claim, decision.state, attempt, decision.delay)

    def _record(self, entries: Sequence[Entry]) -> None:
        retries: list[tuple[str, float]] = []
        for entry, recorded in zip(entries, self._write(entries), strict=True):
            _tell(entry, recorded)
            if recorded and entry.delay is not None:
                retries.append((entry.claim.hook_id, entry.delay))
        ring_together(self._ring, retries)

    def _write(self, entries: Sequence[Entry]) -> list[bool]:
        """Record in the ledger, and again for as long as storage is away: the calls have been made.

        Raises:
            StorageUnavailable: it is away while the worker closes.
        """
        while True:
            try:
                return self._ledger.record(entries)
            except StorageUnavailable:
                log.warning("delivery.record_postponed", attempts=len(entries))
                if self._closing.wait(STORAGE_PAUSE):
                    raise


def _tell(entry: Entry, recorded: bool) -> None:
    """Write one log event for what happened to a delivery."""
    known = {"hook_id": entry.claim.hook_id, "action": entry.claim.action, "attempt": entry.claim.number}
    if not recorded:
        log.warning("delivery.lease_outlived", **known)
    elif entry.attempt is None:
        log.info("delivery.canceled", **known)
    else:
        outcome = entry.attempt.outcome
        log.info(
            "delivery.attempted",
            **known,
            state=entry.state.value,
            status=outcome.status,
            error=outcome.failure,
            ms=outcome.milliseconds,
            next_in=entry.delay,
        )
