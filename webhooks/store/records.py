"""Reading records from Redis: implements `webhooks.delivery_log.entries.DeliveryRecords`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from webhooks.deliveries.claim import TOKEN_LENGTH
from webhooks.deliveries.delivery import Delivery, State
from webhooks.delivery_log.entries import LAST_CURSOR, Cursor, DeliveryRecord, ListedDelivery, Span
from webhooks.store.connection import AS_BYTES, Client, Clock, milliseconds, moment
from webhooks.store.ended import unpacked
from webhooks.store.log import lines_of, read_attempts

_FIELDS = (
    *("action", "profile", "account", "owner", "title", "payload", "platform", "state", "created"),
    *("due", "leasedAt", "postponed", "token", "log"),
)
#: The errors of reading stored data that was edited by hand.
_DAMAGES = (KeyError, TypeError, ValueError, zlib.error)


class RedisRecords:
    """All stored deliveries.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock

    def find(self, hook_id: str) -> DeliveryRecord | None:
        """Return a record."""
        (record,) = self.read([hook_id])
        return record

    def read(self, hook_ids: Sequence[str]) -> list[DeliveryRecord | None]:
        """Return records, in order; None for one that has expired or cannot be read."""
        found = self._read(hook_ids)
        # A delivery that was redelivered between the two reads is missed by both, so it is read again.
        missing = [hook_id for hook_id, record in found.items() if record is None]
        found |= self._read(missing) if missing else {}
        return [found[hook_id] for hook_id in hook_ids]

    def list_deliveries(
        self, span: Span, after: Cursor | None, limit: int, *, oldest_first: bool
    ) -> list[ListedDelivery]:
        """Return up to `limit` deliveries of a list, from the beginning of the span or from `after` a cursor."""
        first = Cursor(0 if span.since is None else _clamped(span.since), 0)
        end = LAST_CURSOR if span.until is None else Cursor(_clamped(span.until), 0)
        if after is not None and oldest_first:
            first = max(first, Cursor(after.milliseconds, after.number + 1))
        elif after is not None:
            end = min(end, after)
        if first >= end:
            return []
        key = f"deliveries:{span.account}" if span.profile is None else f"deliveriesOf:{span.profile}"
        if oldest_first:
            answer = self._redis.xrange(key, str(first), f"({end}", limit)
        else:
            answer = self._redis.xrevrange(key, f"({end}", str(first), limit)
        return [
            ListedDelivery(Cursor.read(cursor), fields["hookId"], fields["action"]) for cursor, fields in answer
        ]

    def _read(self, hook_ids: Sequence[str]) -> dict[str, DeliveryRecord | None]:
        """Read both forms of each: a hash while it is owed, and a packed text afterwards."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.time()
            for hook_id in hook_ids:
                pipeline.execute_command("HMGET", f"delivery:{hook_id}", *_FIELDS, **AS_BYTES)
                pipeline.execute_command("GET", f"ended:{hook_id}", **AS_BYTES)
            (seconds, microseconds), *answers = pipeline.execute()
        now = seconds * 1000 + microseconds // 1000 if self._clock is None else self._clock()
        return {
            hook_id: _record(hook_id, owed, ended, now)
            for hook_id, owed, ended in zip(hook_ids, answers[::2], answers[1::2], strict=True)
        }


def _clamped(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970, or 0 if it is earlier."""
    return max(0, milliseconds(moment))


def _record(hook_id: str, owed: Sequence[bytes | None], ended: bytes | None, now: int) -> DeliveryRecord | None:
    try:
        if owed[0] is not None:
            return _of_hash(hook_id, owed, now)
        return None if ended is None else _of_text(hook_id, ended)
    except _DAMAGES:
        return None


def _of_hash(hook_id: str, values: Sequence[bytes | None], now: int) -> DeliveryRecord:
    """Return the record of a delivery that is owed, or that was interrupted too often."""
    found = {name: value.decode() for name, value in zip(_FIELDS, values, strict=True) if value is not None}
    due = found.get("due")
    is_leased = due is not None and "leasedAt" in found and int(due) > now
    waits = due is not None and not is_leased and "postponed" not in found
    delivery = Delivery(
        hook_id=hook_id,
        action=found["action"],
        profile=found["profile"],
        account=found["account"],
        state=State(found["state"]),
        created=moment(found["created"]),
        due=moment(due) if due is not None and waits else None,
        attempts=read_attempts(lines_of(found.get("log", ""))),
    )
    token = found["token"] if due is None else None
    return DeliveryRecord(delivery, found["owner"], found["title"], found["payload"], found.get("platform"), token)


def _of_text(hook_id: str, stored: bytes) -> DeliveryRecord:
    token, ended = stored[:TOKEN_LENGTH].decode(), unpacked(stored[TOKEN_LENGTH:])
    delivery = Delivery(
        hook_id=hook_id,
        action=ended.action,
        profile=ended.profile,
        account=ended.account,
        state=State(ended.state),
        created=moment(ended.created),
        due=None,
        attempts=read_attempts(ended.log),
    )
    return DeliveryRecord(delivery, ended.owner, ended.title, ended.payload, ended.platform, token)
