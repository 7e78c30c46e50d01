"""Recording the outcomes of attempts, and publishing the ids of deliveries that are to be retried.

A separate thread records attempts in batches: each batch has all attempts that have ended by then. It also gives
back the claims whose calls could not be made.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog

from webhooks.deliveries.claim import Claim, Deferral, Entry, Recorded
from webhooks.deliveries.delivery import State
from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.wakeup import PublishIds, WakeUp, publish_grouped
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Outcome
from webhooks.runtime.retrying import PAUSE, retry_while_unavailable

#: Entries and deferrals that are written in one step.
MAX_BATCH = 200

# The log event of a delivery that ends without a call.
_ENDED = {State.CANCELED: "delivery.canceled", State.NOT_ENTITLED: "delivery.not_entitled"}

log = structlog.get_logger()

T = TypeVar("T")


class Recorder:
    """Records entries and deferrals. `put` may be called from any thread and never blocks.

    Args:
        publish_ids: publishes the ids of deliveries that are to be retried.
        on_done: called with the claims of each batch, whether or not they could be recorded.
        on_failure: called if the thread ends by an error, so that nothing is recorded any more.
        pause: seconds from one try to the next while storage is unavailable.
    """

    def __init__(
        self,
        ledger: Ledger,
        publish_ids: PublishIds,
        on_done: Callable[[Sequence[Claim]], None],
        on_failure: Callable[[], None],
        pause: float = PAUSE,
    ) -> None:
        self._ledger = ledger
        self._publish_ids = publish_ids
        self._on_done = on_done
        self._on_failure = on_failure
        self._pause = pause
        self._queue: queue.SimpleQueue[Entry | Deferral | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(self, item: Entry | Deferral) -> None:
        """Record an attempt soon, or give a claim back."""
        self._queue.put(item)

    def close(self) -> None:
        """Record what has been put, and stop. While storage is unavailable, what is left is dropped."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(timeout=PAUSE)

    def _run(self) -> None:
        try:
            self._record_until_closed()
        except Exception:
            log.exception("delivery.recorder_failed")
            self._on_failure()

    def _record_until_closed(self) -> None:
        while not (self._closing.is_set() and self._queue.empty()):
            if batch := self._next_batch():
                entries = [item for item in batch if isinstance(item, Entry)]
                deferrals = [item for item in batch if isinstance(item, Deferral)]
                if entries:
                    self._record(entries)
                if deferrals:
                    self._defer(deferrals)
                self._on_done([item.claim for item in batch])

    def _next_batch(self) -> list[Entry | Deferral]:
        """Wait for an item; return it with all others that have arrived by then."""
        batch = [self._queue.get()]
        while len(batch) < MAX_BATCH and not self._queue.empty():
            batch.append(self._queue.get())
        return [item for item in batch if item is not None]

    def _record(self, entries: Sequence[Entry]) -> None:
        """Record a batch. The thread must survive every error; leases that cannot be recorded run out."""
        try:
            answers = self._write(partial(self._ledger.record, entries), len(entries))
        except StorageUnavailable:
            log.warning("delivery.record_given_up", attempts=len(entries))
            return
        except Exception:
            if len(entries) > 1:  # one of them is the reason; the others must be recorded nevertheless
                for entry in entries:
                    self._record([entry])
            else:
                log.exception("delivery.cannot_record", hook_id=entries[0].claim.hook_id)
            return
        self._log(entries, answers)
        retries = [
            WakeUp(entry.claim.hook_id, entry.delay, recorded.lane)
            for entry, recorded in zip(entries, answers, strict=True)
            if recorded.written and entry.delay is not None
        ]
        publish_grouped(self._publish_ids, retries)

    @staticmethod
    def _log(entries: Sequence[Entry], answers: Sequence[Recorded]) -> None:
        """Log the deliveries: one event each, but one for all that were attempted, as these are many."""
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

    def _defer(self, deferrals: Sequence[Deferral]) -> None:
        """Give claims back. The thread must survive every error; leases that cannot be given back run out."""
        try:
            self._write(partial(self._ledger.defer, deferrals), len(deferrals))
        except StorageUnavailable:
            log.warning("delivery.defer_given_up", deliveries=len(deferrals))
        except Exception:
            log.exception("delivery.cannot_defer", deliveries=len(deferrals))
        else:
            causes = Counter((one.reason, one.host, one.claim.account) for one in deferrals)
            for (reason, host, account), count in causes.items():
                log.info("delivery.deferred", reason=reason, host=host, account=account, deliveries=count)

    def _write(self, write: Callable[[], T], count: int) -> T:
        """Write to the ledger, and retry while storage is unavailable: the calls have been made.

        Raises:
            StorageUnavailable: it is unavailable while the worker closes.
        """
        warn = partial(log.warning, "delivery.record_retried", attempts=count)
        return retry_while_unavailable(write, self._closing, warn, self._pause)


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
