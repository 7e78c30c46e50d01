"""Recording: write down what came of attempts, and see to it that the next is made.

A thread of its own records results as they end, as many together as have ended by then; and it gives back the
claims whose attempts could not begin.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog
from msgspec import Struct

from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.ledger import Claim, Deferral, Entry, Ledger, Recorded
from webhooks.deliveries.retry import decide
from webhooks.deliveries.wakeup import PublishIds, WakeUp, publish_grouped
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Outcome
from webhooks.runtime.retrying import PAUSE, retry_while_unavailable

#: Results that are recorded in one step at most.
MAX_BATCH = 200

# What is logged of a delivery that ends without a call.
_ENDED = {State.CANCELED: "delivery.canceled", State.NOT_ENTITLED: "delivery.not_entitled"}

log = structlog.get_logger()

T = TypeVar("T")


class Ended(Struct, frozen=True):
    """A claim whose attempt has ended.

    Attributes:
        outcome: what came of the call; or, when none may be made any more, the state in which the delivery ends.
    """

    claim: Claim
    outcome: Outcome | State


class Recorder:
    """Records results. `put` may be called from any thread and never blocks.

    Args:
        ring: called with the ids that are to be attempted again, and in how many seconds.
        retry_delays: seconds from a failed attempt to the next.
        on_done: called with claims that nothing more will be done about; whether they could be recorded or not.
        on_failure: called when no more results can be recorded, whatever the reason.
    """

    def __init__(
        self,
        ledger: Ledger,
        publish_ids: PublishIds,
        retry_delays: tuple[float, ...],
        on_done: Callable[[Sequence[Claim]], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._publish_ids = publish_ids
        self._retry_delays = retry_delays
        self._on_done = on_done
        self._on_failure = on_failure
        self._results: queue.SimpleQueue[Ended | Deferral | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(self, result: Ended | Deferral) -> None:
        """Have a result recorded soon, or a claim given back."""
        self._results.put(result)

    def close(self) -> None:
        """Record what has been put, and stop; storage that is away is not waited for any longer."""
        self._closing.set()
        self._results.put(None)
        self._thread.join(timeout=PAUSE)

    def _run(self) -> None:
        try:
            self._record_until_closed()
        except Exception:
            log.exception("delivery.recorder_failed")
            self._on_failure()

    def _record_until_closed(self) -> None:
        while not (self._closing.is_set() and self._results.empty()):
            if results := self._next_results():
                ended = [self._entry(result) for result in results if isinstance(result, Ended)]
                deferred = [result for result in results if isinstance(result, Deferral)]
                if ended:
                    self._record(ended)
                if deferred:
                    self._defer(deferred)
                self._on_done([result.claim for result in results])

    def _next_results(self) -> list[Ended | Deferral]:
        """Wait for a result, and return it with all that have come by then."""
        results = [self._results.get()]
        while len(results) < MAX_BATCH and not self._results.empty():
            results.append(self._results.get())
        return [result for result in results if result is not None]

    def _entry(self, result: Ended) -> Entry:
        claim, outcome = result.claim, result.outcome
        if isinstance(outcome, State):
            return Entry(claim, outcome)
        decision = decide(claim.number - claim.resent_after, outcome, self._retry_delays)
        attempt = Attempt(claim.number, claim.began, claim.retry, outcome, claim.url)
        return Entry(claim, decision.state, attempt, decision.delay)

    def _record(self, entries: Sequence[Entry]) -> None:
        """Record; the thread must live, whatever happens. The lease of what cannot be recorded runs out."""
        try:
            answers = self._retry_while_unavailable(partial(self._ledger.record, entries), len(entries))
        except StorageUnavailable:
            log.warning("delivery.record_given_up", attempts=len(entries))
            return
        except Exception:
            if len(entries) > 1:  # one of them is the reason; the others shall not suffer from it
                for entry in entries:
                    self._record([entry])
            else:
                log.exception("delivery.cannot_record", hook_id=entries[0].claim.hook_id)
            return
        self._tell(entries, answers)
        retries = [
            WakeUp(entry.claim.hook_id, entry.delay, recorded.lane)
            for entry, recorded in zip(entries, answers, strict=True)
            if recorded.written and entry.delay is not None
        ]
        publish_grouped(self._publish_ids, retries)

    @staticmethod
    def _tell(entries: Sequence[Entry], answers: Sequence[Recorded]) -> None:
        """Write a log event for each delivery; those of attempts go together, as they are the many."""
        attempted = []
        for entry, recorded in zip(entries, answers, strict=True):
            if not recorded.written:
                log.warning("delivery.lease_outlived", **_delivery(entry))
            elif entry.attempt is None:
                log.info(_ENDED[entry.state], **_delivery(entry))
            else:
                attempted.append(_delivery(entry) | _outcome(entry, entry.attempt.outcome))
        if attempted:
            log.info("delivery.attempted", each=attempted)

    def _defer(self, deferred: Sequence[Deferral]) -> None:
        """Give claims back; the thread must live, whatever happens. Leases that cannot be given back run out."""
        try:
            self._retry_while_unavailable(partial(self._ledger.defer, deferred), len(deferred))
        except StorageUnavailable:
            log.warning("delivery.postpone_given_up", deliveries=len(deferred))
        except Exception:
            log.exception("delivery.cannot_postpone", deliveries=len(deferred))
        else:
            for queue_name, count in Counter(one.queue for one in deferred).items():
                log.info("delivery.postponed", queue=queue_name, deliveries=count)

    def _retry_while_unavailable(self, write: Callable[[], T], count: int) -> T:
        """Write to the ledger, however long storage is away: calls have been made.

        Raises:
            StorageUnavailable: it is away while the worker closes.
        """
        return retry_while_unavailable(
            write, self._closing, partial(log.warning, "delivery.record_postponed", attempts=count)
        )


def _delivery(entry: Entry) -> dict[str, object]:
    return {"hook_id": entry.claim.hook_id, "action": entry.claim.action, "attempt": entry.claim.number}


def _outcome(entry: Entry, outcome: Outcome) -> dict[str, object]:
    return {
        "state": entry.state.value,
        "status": outcome.status,
        "error": outcome.failure,
        "detail": outcome.detail,
        "ms": outcome.milliseconds,
        "next_in": entry.delay,
    }
