"""One HTTP call: what is sent, what comes back, and the port that makes calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from webhooks.http.destinations import Destination
from webhooks.http.shortages import Shortage


class Call(Struct, frozen=True):
    """One HTTP call.

    Attributes:
        body: what is sent by POST; a GET has none.
        keeps: how many bytes of the answer's body are read and kept at most, together with its headers. None for a
            delivery: its log keeps the beginning of the body only.
    """

    destination: Destination
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    keeps: int | None = None

    @property
    def url(self) -> str:
        """Where it goes."""
        return self.destination.url


class Failure(StrEnum):
    """Why a call has no usable answer. Customers see these values in the delivery log."""

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
    """More about an outcome: what is wrong with the receiver's TLS, or with the body of its answer."""

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


class Calls(Protocol):
    """What makes the HTTP calls."""

    def send(self, call: Call, on_end: Callable[[Outcome | Shortage], None]) -> None:
        """Begin a call. `on_end` gets its outcome, perhaps in another thread, where it must not block or raise.

        If it came to nothing by our own fault, `on_end` gets what we were short of.
        """
