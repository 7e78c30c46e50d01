"""Publishing: from a producer's event to a stored delivery."""

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
from webhooks.deliveries.delivery import new_hook_id
from webhooks.deliveries.ledger import AcceptVerdict, Idempotency, Ledger, NewDelivery, Receipt
from webhooks.deliveries.payload import ADDED, compact, payload_of
from webhooks.deliveries.wakeup import PublishIds, publish_grouped
from webhooks.errors import EventTooLarge, IdempotencyConflict, InvalidInput, RingbackError, UnknownProfile
from webhooks.runtime.batcher import Batcher

#: An event as compact JSON at most (contract section 3), but for its idempotency key, which may come in a header.
MAX_EVENT_BYTES = 262_144


class Resolution(Struct, frozen=True):
    """Whose webhook an event would go to.

    Attributes:
        owner: the refId of the profile that has it; None when nobody has one.
        subscription: what the account pays for.
    """

    owner: str | None
    subscription: Subscription


class Webhooks(Protocol):
    """Where to look up whose webhook an event would go to."""

    def resolve(self, ref_id: str, action: str) -> Resolution:
        """Tell whose webhook an event would go to; raises UnknownProfile."""


class EventResult(Struct, frozen=True):
    """What became of an event that is in order.

    Attributes:
        ref_id: the profile it is about.
        state: a delivery's state, or the word for why there is none: `unregistered`, `notEntitled`,
            `immediatePost`.
        hook_id: the delivery's id; None when there is none.
        duplicate: whether the producer had sent this event before.
    """

    action: str
    ref_id: str
    state: str
    hook_id: str | None = None
    duplicate: bool = False


#: Events that one step in the ledger takes in when many requests come together: Redis does nothing else meanwhile,
#: for some 10 ms.
MAX_BATCH = 200


class EventIntake:
    """Takes events in: those of requests that come together in one step of the ledger, and with one message.

    Args:
        ring: called with the ids that are due soon; the sweep finds those that are due later.
    """

    def __init__(self, webhooks: Webhooks, ledger: Ledger, publish_ids: PublishIds, now: Now = utc_now) -> None:
        self._webhooks = webhooks
        self._ledger = ledger
        self._publish_ids = publish_ids
        self._accept_together = Batcher(self._accept, MAX_BATCH)
        self._now = now

    def publish(self, events: Sequence[object], producer: str) -> list[EventResult | RingbackError]:
        """Store a delivery for each event, and return what became of each, in order.

        An error stands in the place of an event that is refused: InvalidInput, EventTooLarge, UnknownProfile or
        IdempotencyConflict. Its neighbours are stored all the same.

        Args:
            producer: who sends; idempotency keys of different producers never meet.
        """
        now = self._now()
        drafts = [_draft(event, producer, now) for event in events]
        new = [draft for draft in drafts if isinstance(draft, NewDelivery)]
        answers = iter(self._accept_together(new) if new else ())
        return [_published(draft, next(answers)) if isinstance(draft, NewDelivery) else draft for draft in drafts]

    def would_call(self, action: str, ref_id: str) -> bool:
        """Tell whether a webhook would be called for an event of this action and profile, of whatever platform.

        Raises:
            UnknownProfile: nobody has this refId.
        """
        resolved = self._webhooks.resolve(ref_id, action)
        return resolved.owner is not None and not needs_of(action).lacking(resolved.subscription)

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
    # A letter has four bytes at most, so most events need not be written once more to see that they are small.
    if 4 * len(payload) <= MAX_EVENT_BYTES and not any(name in event for name in ADDED):
        return False
    by_itself = {name: value for name, value in event.items() if name != "idempotencyKey"}
    return len(compact(by_itself).encode()) > MAX_EVENT_BYTES


def _idempotency(event: Mapping[str, Any], producer: str) -> Idempotency | None:
    if "idempotencyKey" not in event:
        return None
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), default=_number_told_apart)
    return Idempotency(producer, event["idempotencyKey"], hashlib.sha256(canonical.encode()).hexdigest())


def _number_told_apart(number: Raw) -> dict[str, str]:
    """Return a number that is its own text as something that stands in no event: those hold no lone surrogates."""
    return {"\ud800": bytes(number).decode()}


def _published(draft: NewDelivery, receipt: Receipt) -> EventResult | RingbackError:
    if receipt.verdict is AcceptVerdict.UNKNOWN_PROFILE:
        return UnknownProfile()
    if receipt.verdict is AcceptVerdict.CONFLICT:
        return IdempotencyConflict()
    return EventResult(
        action=draft.action,
        ref_id=draft.profile,
        state=receipt.state or receipt.verdict,
        hook_id=receipt.hook_id,
        duplicate=receipt.verdict is AcceptVerdict.DUPLICATE,
    )
