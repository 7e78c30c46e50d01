"""Accepting events: check a producer's event, and store a delivery for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Raw, Struct

from webhooks.accounts.plans import Subscription, needs_of, special_platform
from webhooks.actions import CATALOGUE
from webhooks.clock import Now, utc_now
from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.new_delivery import AcceptVerdict, Idempotency, NewDelivery, Receipt, new_hook_id
from webhooks.deliveries.payload import ADDED, compact, payload_of
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.errors import EventTooLarge, IdempotencyConflict, InvalidInput, RingbackError, UnknownProfile
from webhooks.runtime.batcher import Batcher

#: Bytes of an event as compact JSON (contract section 3), without its idempotency key, which may come in a header.
MAX_EVENT_BYTES = 262_144
#: The maximum number of events in one step of the ledger, which concurrent requests share. It occupies Redis for
#: some 10 ms.
MAX_BATCH = 200

_REFUSALS = {
    AcceptVerdict.UNKNOWN_PROFILE: UnknownProfile,
    AcceptVerdict.CONFLICT: IdempotencyConflict,
}


class Resolution(Struct, frozen=True):
    """Which webhook an event would go to.

    Attributes:
        owner: the refId of the profile that has the webhook; None when there is none.
        subscription: what the account pays for.
    """

    owner: str | None
    subscription: Subscription


class Webhooks(Protocol):
    """Where webhooks are looked up."""

    def resolve(self, ref_id: str, action: str) -> Resolution:
        """Return which webhook an event would go to; raises UnknownProfile."""


class EventIntake:
    """Accepts events. Concurrent requests share one step of the ledger, and one message.

    Args:
        publish_ids: called with the ids that are due soon; the sweep finds those that are due later.
    """

    def __init__(self, webhooks: Webhooks, ledger: Ledger, publish_ids: PublishIds, now: Now = utc_now) -> None:
        self._webhooks = webhooks
        self._ledger = ledger
        self._publish_ids = publish_ids
        self._accept_batched = Batcher(self._accept, MAX_BATCH)
        self._now = now

    def accept(self, events: Sequence[object], producer: str) -> list[Receipt | RingbackError]:
        """Store a delivery for each event; returns a receipt for each, in order.

        A refused event has an error instead: InvalidInput, EventTooLarge, UnknownProfile or IdempotencyConflict.
        The other events are stored nevertheless.

        Args:
            events: the events, as JSON values.
            producer: the name of the producer; idempotency keys of different producers are independent.
        """
        now = self._now()
        drafts = [_draft(event, producer, now) for event in events]
        new = [draft for draft in drafts if isinstance(draft, NewDelivery)]
        receipts = iter(self._accept_batched(new) if new else ())
        return [_result(next(receipts)) if isinstance(draft, NewDelivery) else draft for draft in drafts]

    def would_call(self, action: str, ref_id: str) -> bool:
        """Report whether a webhook would be called for an event of this action and profile, on any platform.

        Raises:
            UnknownProfile: there is no profile with this refId.
        """
        resolution = self._webhooks.resolve(ref_id, action)
        return resolution.owner is not None and not needs_of(action).lacking(resolution.subscription)

    def _accept(self, new: Sequence[NewDelivery]) -> Sequence[Receipt]:
        receipts = self._ledger.accept(new)
        publish_grouped(self._publish_ids, [receipt.wakeup for receipt in receipts if receipt.wakeup is not None])
        return receipts


def _draft(event: object, producer: str, now: datetime) -> NewDelivery | InvalidInput | EventTooLarge:
    if not isinstance(event, dict):
        return InvalidInput({"event": ["Must be an object."]})
    name = event.get("action")
    action = CATALOGUE.get(name) if isinstance(name, str) else None
    if action is None:
        return InvalidInput({"action": [f"Must be one of: {', '.join(CATALOGUE)}."]})
    try:
        checked = action.check(event)
    except InvalidInput as error:
        return error
    hook_id = new_hook_id()
    payload = payload_of(checked, hook_id, now, keeps_url=action.keeps_url)
    if _is_too_large(event, payload):
        return EventTooLarge()
    return NewDelivery(
        hook_id=hook_id,
        action=action.name,
        profile=checked["refId"],
        payload=payload,
        platform=special_platform(action.name, checked),
        due=action.due(checked),
        notifies=action.notifies(checked),
        mails=action.mails(checked),
        idempotency=_idempotency(event, producer),
    )


def _is_too_large(event: Mapping[str, Any], payload: str) -> bool:
    # A character has four bytes at most, so most events are known to be small without encoding them again.
    if 4 * len(payload) <= MAX_EVENT_BYTES and not any(name in event for name in ADDED):
        return False
    without_key = {name: value for name, value in event.items() if name != "idempotencyKey"}
    return len(compact(without_key).encode()) > MAX_EVENT_BYTES


def _idempotency(event: Mapping[str, Any], producer: str) -> Idempotency | None:
    if "idempotencyKey" not in event:
        return None
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), default=_marked_number)
    return Idempotency(producer, event["idempotencyKey"], hashlib.sha256(canonical.encode()).hexdigest())


def _marked_number(number: Raw) -> dict[str, str]:
    """Return a number that is kept as text in a form that no event contains: events have no lone surrogates."""
    return {"\ud800": bytes(number).decode()}


def _result(receipt: Receipt) -> Receipt | RingbackError:
    refusal = _REFUSALS.get(receipt.verdict)
    return receipt if refusal is None else refusal()
