"""A new delivery, as the ledger is given it when an event is accepted, and the receipt that the ledger returns."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from webhooks.deliveries.delivery import State
from webhooks.deliveries.wakeup import WakeUp

HOOK_ID_LENGTH = 20
_ALPHABET = (string.ascii_letters + string.digits).encode()
#: The character for each of 256 random bytes, and the last bytes, which would make some characters more frequent.
_CHARACTER_OF = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_UNFAIR = bytes(range(256 - 256 % len(_ALPHABET), 256))


class Idempotency(Struct, frozen=True):
    """How a repeated event is recognized.

    Attributes:
        producer: who sent it; keys of different producers are independent.
        key: the idempotency key that the producer sent.
        fingerprint: a digest of the event, which distinguishes a repetition from another event with the same key.
    """

    producer: str
    key: str
    fingerprint: str


class NewDelivery(Struct, frozen=True):
    """A checked event that is to be stored if there is a webhook for it.

    Attributes:
        profile: the refId of the profile that the event is about.
        payload: the body as JSON, without the fields that each attempt adds.
        platform: the network that the event comes from, if a plan must include it; else None.
        due: when the first attempt is to be made; None for at once.
        notifies: whether webhooks are called for events of this kind.
        mails: whether it makes an e-mail (`webhooks.mail.mail`), whether or not there is a webhook; the e-mail's
            id is the `hook_id`.
    """

    hook_id: str
    action: str
    profile: str
    payload: str
    platform: str | None = None
    due: datetime | None = None
    notifies: bool = True
    mails: bool = False
    idempotency: Idempotency | None = None


class AcceptVerdict(StrEnum):
    """The ledger's decision about a new delivery."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNKNOWN_PROFILE = "unknownProfile"
    NOT_ENTITLED = "notEntitled"
    UNREGISTERED = "unregistered"
    IMMEDIATE_POST = "immediatePost"


class Receipt(Struct, frozen=True):
    """The ledger's answer to a new delivery.

    Attributes:
        hook_id: its id; for a duplicate or a conflict, that of the first; None when there is no delivery.
        state: the delivery's state when it was stored; None when there is no delivery. For a duplicate of an event
            that made an e-mail only, the verdict on the first.
        wakeup: how the caller must publish the id; None if it need not.
    """

    verdict: AcceptVerdict
    hook_id: str | None = None
    state: State | AcceptVerdict | None = None
    wakeup: WakeUp | None = None

    @property
    def status(self) -> str:
        """The state of the delivery, or why there is none (contract section 3)."""
        return self.state or self.verdict

    @property
    def is_duplicate(self) -> bool:
        """Whether the producer had sent this event before."""
        return self.verdict is AcceptVerdict.DUPLICATE


def new_hook_id() -> str:
    """Return a fresh hookId: 20 random letters and digits (119 bits)."""
    characters = b""
    while len(characters) < HOOK_ID_LENGTH:
        characters += secrets.token_bytes(32).translate(_CHARACTER_OF, delete=_UNFAIR)
    return characters[:HOOK_ID_LENGTH].decode()
