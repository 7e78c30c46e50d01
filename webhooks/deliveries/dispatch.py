"""Making attempts: claim deliveries, prepare their calls, send those that are admitted, and record the outcomes.

`deliver` returns as soon as its calls have begun, so a receiver that does not respond holds up no other. A call
whose host or account has too many in flight waits for a slot, or its claim goes back to the ledger. So does the
claim of a call that cannot be made because this machine lacks resources; then calls pause for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import structlog

from webhooks.admission.admission import Admission
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.capacity import CallCapacity
from webhooks.deliveries.claim import Claim, Deferral
from webhooks.deliveries.claimer import AttemptLimits, Claimer
from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.prepare import Ready, prepare
from webhooks.deliveries.record import Recorder
from webhooks.deliveries.retry import entry_for
from webhooks.deliveries.wakeup import Lane, PublishIds
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Calls, Failure, Outcome
from webhooks.http.shortages import Shortage
from webhooks.runtime.baton import BATON
from webhooks.signing.secret_box import SecretBox

log = structlog.get_logger()


class Dispatcher:
    """Makes attempts. Any number of threads may call `deliver`.

    Args:
        publish_ids: publishes the ids of deliveries that are to be attempted again.
        on_failure: called when outcomes cannot be recorded any more, whatever the reason.
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
        self._retry_delays = limits.retry_delays
        self._capacity = CallCapacity(limits.in_flight)
        self._claimer = Claimer(ledger, self._capacity, publish_ids, limits)
        self._admission: Admission[Ready] = Admission(self._capacity.free, max_calls=limits.in_flight)
        self._recorder = Recorder(ledger, publish_ids, self._release, on_failure, limits.storage_pause)
        self._in_flight: dict[tuple[str, str], Claim] = {}

    def deliver(self, hook_ids: Sequence[str], lane: Lane = Lane.EXPRESS) -> int:
        """Begin an attempt for each delivery that is due; returns how many there were.

        Ids for which the process has no capacity, or that are left when it stops, go back to the workers' queue.

        Args:
            lane: in which the ids came. Those in bulk leave capacity free for others.

        Raises:
            StorageUnavailable: storage is unavailable while the process stops; the sweep will publish the ids
                again.
        """
        for ready, decision in self._admission.overdue():
            self._defer(ready, decision)
        begun = 0
        for claims in self._claimer.claim(hook_ids, lane):
            with BATON:
                for claim in claims:
                    self._begin(claim)
            begun += len(claims)
        return begun

    def stop_claiming(self) -> None:
        """Begin no more attempts. It returns at once and may be called in a signal handler."""
        self._claimer.stop()

    def close(self, timeout: float) -> bool:
        """Let calls in flight end and be recorded, for up to `timeout` seconds; returns whether all were.

        The claims of the others are given back, so that another worker attempts them.
        """
        self.stop_claiming()
        for ready, decision in self._admission.clear():
            self._defer(ready, decision)
        finished = self._capacity.wait_until_idle(timeout)
        self._recorder.close()
        if not finished:
            self._give_back(list(self._in_flight.values()))
        return finished

    def _begin(self, claim: Claim) -> None:
        try:
            prepared = prepare(claim, self._box, self._retry_delays)
            if isinstance(prepared, Ready):
                self._follow(prepared, self._admission.enter(prepared))
            else:
                self._recorder.put(prepared)
        except Exception:  # one claim that cannot be begun must not hold up the others; its lease runs out
            log.exception("delivery.cannot_begin", hook_id=claim.hook_id)
            self._release([claim])

    def _follow(self, ready: Ready, decision: AdmissionDecision) -> None:
        if decision is AdmissionDecision.NOW:
            self._send(ready)
        elif decision is not AdmissionDecision.WAIT:
            self._defer(ready, decision)

    def _send(self, ready: Ready) -> None:
        claim = ready.claim
        self._in_flight[claim.key] = claim
        try:
            self._calls.send(ready.call, partial(self._end, ready))
        except MemoryError:
            self._end(ready, Shortage("ENOMEM"))
        except Exception:  # a URL that registration would refuse; as a failed attempt, it is exhausted in the end
            log.exception("delivery.cannot_send", hook_id=claim.hook_id)
            self._end(ready, Outcome(None, Failure.PROTOCOL, 0))

    def _end(self, ready: Ready, ending: Outcome | Shortage) -> None:
        claim = ready.claim
        self._in_flight.pop(claim.key, None)
        if isinstance(ending, Shortage):
            self._fall_short(ready, ending)
            outcome = None
        else:
            self._capacity.call_was_made()
            self._recorder.put(entry_for(claim, ending, self._retry_delays))
            outcome = ending
        for other, decision in self._admission.leave(ready, outcome):
            self._follow(other, decision)

    def _fall_short(self, ready: Ready, shortage: Shortage) -> None:
        """Give back a claim whose call was not made for lack of resources; pause if no call can be made."""
        if shortage.is_of_the_system:
            self._capacity.pause()
        if shortage.begun:  # it may have arrived: the next claim finds it interrupted when its lease has run out
            self._release([ready.claim])
        else:
            self._defer(ready, AdmissionDecision.OUT_OF_RESOURCES)

    def _defer(self, ready: Ready, reason: AdmissionDecision) -> None:
        self._recorder.put(Deferral(ready.claim, reason, ready.host))

    def _release(self, claims: Sequence[Claim]) -> None:
        self._capacity.release(len(claims))

    def _give_back(self, claims: Sequence[Claim]) -> None:
        try:
            self._publish_ids(self._ledger.release(claims), 0.0)
        except StorageUnavailable:
            log.warning("delivery.release_failed", deliveries=len(claims))
