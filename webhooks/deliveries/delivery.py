"""A delivery: one event on its way to one webhook, and the attempts made for it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

HOOK_ID_LENGTH = 20
_LETTERS = (string.ascii_letters + string.digits).encode()
#: The letter for each of 256 random bytes, and the bytes at the end that would make some letters come more often.
_LETTER_OF = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
_UNFAIR = bytes(range(256 - 256 % len(_LETTERS), 256))


class State(StrEnum):
    """Where a delivery stands. The first three are owed an attempt; the others have ended."""

    QUEUED = "queued"
    SCHEDULED = "scheduled"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"
    NOT_ENTITLED = "notEntitled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing is owed any more."""
        return self in ENDED


_OWED = (State.QUEUED, State.SCHEDULED, State.RETRYING)
ENDED = tuple(state for state in State if state not in _OWED)


class Failure(StrEnum):
    """Why an attempt has no usable answer; the words that customers see in the delivery log."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    BLOCKED = "blocked"
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"
    TIMEOUT = "timeout"
    SIGNING = "signing"
    INTERRUPTED = "interrupted"


class Detail(StrEnum):
    """What else is known of an outcome: what is wrong with the receiver's TLS, or with the body of its answer."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_NAME = "wrong_name"
    UNTRUSTED = "untrusted"
    TOO_OLD = "too_old"
    BODY_TIMEOUT = "body_timeout"
    BODY_TOO_LARGE = "body_too_large"
    BODY_RESET = "body_reset"
    BODY_MALFORMED = "body_malformed"


class Phases(Struct, frozen=True):
    """How long each part of a call took, in milliseconds; None for what was not reached.

    Attributes:
        dns: looking up the name; 0 when its addresses were known.
        connect: opening the connection; 0 for one that was kept from an earlier call, and so for `tls`.
        tls: the handshake.
        first_byte: from there to the first byte of the answer.
    """

    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    first_byte: int | None = None


class Outcome(Struct, frozen=True):
    """What came of one HTTP call.

    Attributes:
        status: the HTTP status; 503 when the deadline passed; None when there was no answer.
        failure: why there is no usable answer, else None.
        milliseconds: how long the whole exchange took.
        detail: more about it, if there is more to say.
        body: what the receiver answered, or the beginning of it.
        phases: how that time was spent.
        headers: the answer's, their names in lower case; only of a call that keeps its answer whole.
    """

    status: int | None
    failure: Failure | None
    milliseconds: int
    detail: Detail | None = None
    body: bytes = b""
    phases: Phases = Phases()
    headers: Mapping[str, str] = {}  # msgspec makes a new one for each

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the event: 200 to 299 (contract section 5)."""
        return self.failure is None and self.status is not None and 200 <= self.status <= 299


class Attempt(Struct, frozen=True):
    """One line of the delivery log.

    Attributes:
        number: 1 for the first; an interrupted attempt and its repetition share a number.
        at: when the attempt began.
        retry: the flag that the body carried.
        outcome: what came of it.
        url: where the call went; None when it was interrupted, for nobody wrote it down.
    """

    number: int
    at: datetime
    retry: bool
    outcome: Outcome
    url: str | None = None


class Delivery(Struct, frozen=True):
    """A delivery as the log shows it.

    Attributes:
        profile: the refId of the profile that the event is about.
        account: the refId of that profile's account.
        due: when the next attempt is to be made; None while one is under way or waits for its turn, as too many go
            the same way, and when the delivery has ended.
    """

    hook_id: str
    action: str
    profile: str
    account: str
    state: State
    created: datetime
    due: datetime | None
    attempts: tuple[Attempt, ...]

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest attempt that is written down; None when there is none."""
        return self.attempts[-1] if self.attempts else None


def new_hook_id() -> str:
    """Return a fresh hookId: 20 random letters and digits (119 bits)."""
    letters = b""
    while len(letters) < HOOK_ID_LENGTH:
        letters += secrets.token_bytes(32).translate(_LETTER_OF, delete=_UNFAIR)
    return letters[:HOOK_ID_LENGTH].decode()
