"""What became of an event: the service took it, or refused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Receipt:
    """The service took the event.

    Attributes:
        hook_id: the delivery's id, the same in every call to the receiver; None when there is no delivery.
        action: the event's action.
        ref_id: the profile that the event is about.
        state: `queued`; `scheduled` (due later); or, with no delivery, `unregistered` (nobody has a webhook
            for it), `notEntitled` (plan or add-on missing) or `immediatePost` (such posts do not notify).
        duplicate: the event had been taken before under the same idempotency key; this is the first receipt.
        auto_post: for `feed`, whether the producer is to post the new item; None for other actions.
    """

    hook_id: str | None
    action: str
    ref_id: str
    state: str
    duplicate: bool = False
    auto_post: bool | None = None


@dataclass(frozen=True)
class Rejection:
    """One event of many was refused, and would be again.

    Attributes:
        index: the event's place among those handed to `send_many`, from 0.
        code: the service's code for the reason, such as 101 for a bad field; None if it gave none.
        message: the reason in a sentence.
        errors: messages by field, `{"platform": ["Missing data for required field."]}`; nested fields nest.
    """

    index: int
    code: int | None
    message: str
    errors: Mapping[str, Any] = field(default_factory=dict)


Result: TypeAlias = Receipt | Rejection
