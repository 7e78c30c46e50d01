"""The result of sending an event: a receipt or a rejection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Receipt:
    """The service accepted the event.

    Attributes:
        hook_id: the id of the delivery, the same in every call to the receiver; None if there is no delivery.
        action: the action of the event.
        ref_id: the profile that the event concerns.
        state: `queued`; `scheduled` (due later); or, without a delivery, `unregistered` (no webhook is
            registered), `notEntitled` (plan or add-on missing) or `immediatePost` (such posts do not notify).
        duplicate: the event was accepted before under the same idempotency key; this is the first receipt.
        auto_post: for `feed`, whether the producer must post the new item itself; None for other actions.
    """

    hook_id: str | None
    action: str
    ref_id: str
    state: str
    duplicate: bool = False
    auto_post: bool | None = None


@dataclass(frozen=True)
class Rejection:
    """The service refused one event of a batch, and would refuse it again.

    Attributes:
        index: the position of the event among those passed to `send_many`, from 0.
        code: the service's code for the reason, such as 101 for an invalid field; None if there is none.
        message: the reason in a sentence.
        errors: messages by field, `{"platform": ["Missing data for required field."]}`; nested fields nest.
    """

    index: int
    code: int | None
    message: str
    errors: Mapping[str, Any] = field(default_factory=dict)


Result: TypeAlias = Receipt | Rejection
