"""Delivering: claim what is due, sign it, send it.

`deliver` returns as soon as its calls have begun; `webhooks.deliveries.results` records what comes of them. So a
receiver that hangs holds up nobody. A call whose host or account has too many under way
(`webhooks.admission.admission`) waits for its turn, or goes back to the ledger. So does one that cannot be made as
this process is short of something, and fewer are claimed for a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic

import structlog

from webhooks.accounts.plans import needs_of
from webhooks.admission.admission import Admission
from webhooks.admission.capacity import CallCapacity
from webhooks.admission.open_files import MAX_CALLS
from webhooks.admission.slots import AdmissionDecision, Candidate
from webhooks.deliveries.delivery import State
from webhooks.deliveries.ledger import Claim, Claimed, Deferral, Ledger, new_token
from webhooks.deliveries.request import call_for
from webhooks.deliveries.results import Ended, Recorder
from webhooks.deliveries.wakeup import Lane, PublishIds, publish_grouped
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Calls, Failure, Outcome
from webhooks.http.shortages import Shortage
from webhooks.runtime.baton import BATON
from webhooks.runtime.retrying import retry_while_unavailable
from webhooks.signing.secret_box import SecretBox, UnreadableSecret

#: Seconds that a lease outlives the deadline of its call, for signing before it and recording after it.
LEASE_MARGIN = 5.0
#: Seconds in which the ids of a message wait for room. Those that get none are published again with as much delay,
#: for whoever has some.
CAPACITY_WAIT = 1.0
#: The same, without any room, for ids that came in bulk while others of bulk wait: only one thread is kept by what
#: leaves no room. It is long enough for some to come where calls end quickly.
BULK_CAPACITY_WAIT = 0.05
#: Deliveries that are claimed in one step at most: Redis does nothing else meanwhile.
MAX_CLAIMED = 200

log = structlog.get_logger()


@dataclass(frozen=True)
class AttemptLimits:
    """How deliveries are attempted.

    Attributes:
        timeout: seconds that one exchange may take.
        retry_delays: seconds from a failed attempt to the next.
        in_flight: calls that one process makes at the same time at most.
    """

    timeout: float
    retry_delays: tuple[float, ...]
    in_flight: int = MAX_CALLS


class Dispatcher:
    """Makes attempts. `deliver` may be called from any number of threads.

    Args:
        ring: called with the ids that are to be attempted again, and in how many seconds.
        on_failure: called when no more results can be recorded, whatever the reason.
    """

    def __init__(
        self,
        ledger: Ledger,
        calls: Calls,
        box: SecretBox,
        publish_ids: PublishIds,
        limits: AttemptLimits,
        *,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._calls = calls
        self._box = box
        self._publish_ids = publish_ids
        self._limits = limits
        self._room = CallCapacity(limits.in_flight)
        self._traffic = Admission(self._room.free, most_calls=limits.in_flight)
        self._recording = Recorder(ledger, publish_ids, limits.retry_delays, self._done, on_failure)
        self._in_flight: dict[tuple[str, str], Claim] = {}
        self._bulk_waits = threading.Lock()
        self._stopping = threading.Event()

    def deliver(self, hook_ids: Sequence[str], lane: Lane = Lane.EXPRESS) -> int:
        """Begin an attempt for each delivery that is due; returns how many there were.

        When the process has as many calls in flight as it may, or is stopping, ids are left to others.

        Args:
            lane: by which the ids came. Those in bulk leave places free for the others.

        Raises:
            StorageUnavailable: storage is away while the process stops; the sweep will publish the ids again.
        """
        for prepared, turn in self._traffic.overdue():
            self._defer(prepared, turn)
        begun, left = 0, hook_ids
        deadline = monotonic() + CAPACITY_WAIT
        leaving = self._limits.in_flight // 4 if lane is Lane.BULK else 0
        with self._patience(lane) as patience:
            while left and not self._stopping.is_set():
                wait = min(patience, deadline - monotonic())
                places = self._room.enter(min(len(left), MAX_CLAIMED), wait, leaving)
                if not places:
                    break
                begun += self._begin_all(left[:places])
                left = left[places:]
        if left:
            self._publish_ids(left, 0.0 if self._stopping.is_set() else CAPACITY_WAIT, lane)
        return begun

    @contextmanager
    def _patience(self, lane: Lane) -> Iterator[float]:
        """Give the seconds for which ids that came by a lane wait for any room."""
        is_first = lane is Lane.BULK and self._bulk_waits.acquire(blocking=False)
        try:
            yield CAPACITY_WAIT if is_first or lane is Lane.EXPRESS else BULK_CAPACITY_WAIT
        finally:
            if is_first:
                self._bulk_waits.release()

    def stop_claiming(self) -> None:
        """Begin no more attempts; it returns at once and may be called in a signal handler."""
        self._stopping.set()

    def close(self, patience: float) -> bool:
        """Let calls in flight end and be recorded, for up to `patience` seconds; returns whether all were.

        The others are given back, to be attempted again by somebody else.
        """
        self.stop_claiming()
        for prepared, turn in self._traffic.clear():
            self._defer(prepared, turn)
        finished = self._room.wait_until_empty(patience)
        self._recording.close()
        if not finished:
            self._give_back(list(self._in_flight.values()))
        return finished

    def _begin_all(self, hook_ids: Sequence[str]) -> int:
        """Begin what is due of these. Each has its place; those of the others are given back."""
        claims: list[Claim] = []
        try:
            claimed = self._claim(hook_ids)
            claims = claimed.claims
        finally:
            self._room.leave(len(hook_ids) - len(claims))
        with BATON:
            for claim in claims:
                self._begin(claim)
        for hook_id in claimed.parked:
            log.error("delivery.parked", hook_id=hook_id)
        for hook_id in claimed.damaged:
            log.error("delivery.damaged", hook_id=hook_id)
        publish_grouped(self._publish_ids, claimed.early)
        return len(claims)

    def _claim(self, hook_ids: Sequence[str]) -> Claimed:
        """Claim, however long storage is away: it may have granted what it could not answer.

        Raises:
            StorageUnavailable: it is away while the worker stops.
        """
        claim = partial(self._ledger.claim, hook_ids, self._limits.timeout + LEASE_MARGIN, new_token())
        tell = partial(log.warning, "delivery.claim_postponed", deliveries=len(hook_ids))
        return retry_while_unavailable(claim, self._stopping, tell)

    def _begin(self, claim: Claim) -> None:
        try:
            self._prepare(claim)
        except Exception:  # one that cannot be begun must not keep the others from it; its lease runs out
            log.exception("delivery.cannot_begin", hook_id=claim.hook_id)
            self._done([claim])

    def _prepare(self, claim: Claim) -> None:
        if claim.url is None:
            self._recording.put(Ended(claim, State.CANCELED))
            return
        if needs_of(claim.action, claim.platform).lacking(claim.subscription):
            self._recording.put(Ended(claim, State.NOT_ENTITLED))
            return
        try:
            secrets = self._box.open_live(claim.owner, claim.sealed_secrets)
        except UnreadableSecret:
            # Never unsigned: the customer would have to refuse it, or worse, would not.
            self._recording.put(Ended(claim, Outcome(None, Failure.SIGNING, 0)))
            return
        prepared = Candidate(claim, call_for(claim, claim.url, secrets))
        self._take_turn(prepared, self._traffic.enter(prepared))

    def _take_turn(self, prepared: Candidate, turn: AdmissionDecision) -> None:
        if turn is AdmissionDecision.NOW:
            self._send(prepared)
        elif turn is not AdmissionDecision.WAIT:
            self._defer(prepared, turn)

    def _send(self, prepared: Candidate) -> None:
        claim = prepared.claim
        self._in_flight[claim.key] = claim
        try:
            self._calls.send(prepared.call, partial(self._end, prepared))
        except MemoryError:
            self._end(prepared, Shortage("ENOMEM"))
        except Exception:  # a URL that nobody could have registered; as a failure, it ends some day
            log.exception("delivery.cannot_send", hook_id=claim.hook_id)
            self._end(prepared, Outcome(None, Failure.PROTOCOL, 0))

    def _end(self, prepared: Candidate, ending: Outcome | Shortage) -> None:
        claim = prepared.claim
        self._in_flight.pop(claim.key, None)
        if isinstance(ending, Shortage):
            self._fall_short(prepared, ending)
        else:
            self._room.works()
            self._recording.put(Ended(claim, ending))
        for other, turn in self._traffic.leave(prepared, None if isinstance(ending, Shortage) else ending):
            self._take_turn(other, turn)

    def _fall_short(self, prepared: Candidate, shortage: Shortage) -> None:
        """Give a claim back whose call was not made by our own fault; claim nothing for a while if none can be."""
        if shortage.is_of_the_system:
            self._room.close()
        if shortage.begun:  # it may have arrived: the next claim finds it interrupted, when its lease has run out
            self._done([prepared.claim])
        else:
            self._defer(prepared, AdmissionDecision.OUT_OF_RESOURCES)

    def _defer(self, prepared: Candidate, turn: AdmissionDecision) -> None:
        self._recording.put(Deferral(prepared.claim, prepared.queue(turn)))

    def _done(self, claims: Sequence[Claim]) -> None:
        self._room.leave(len(claims))

    def _give_back(self, claims: Sequence[Claim]) -> None:
        try:
            self._publish_ids(self._ledger.release(claims), 0.0)
        except StorageUnavailable:
            log.warning("delivery.release_failed", deliveries=len(claims))
