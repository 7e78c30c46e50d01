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
        body: the body of a POST; a GET has none.
        keeps: the maximum number of bytes of the answer's body that are read and kept, with its headers. None for
            a delivery, whose log keeps only the beginning of the body.
    """

    destination: Destination
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    keeps: int | None = None

    @property
    def url(self) -> str:
        """The URL that is called."""
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
    """Details of an outcome: what is wrong with the receiver's TLS, or with the body of its answer."""

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
        connect: opening the connection; 0, as is `tls`, if a connection of an earlier call was used.
        tls: the handshake.
        first_byte: from the end of the handshake to the first byte of the answer.
    """

    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    first_byte: int | None = None


class Outcome(Struct, frozen=True):
    """The outcome of one HTTP call.

    Attributes:
        status: the HTTP status; 503 when the deadline passed; None when there was no answer.
        failure: why there is no usable answer, else None.
        milliseconds: how long the whole exchange took.
        detail: more about the failure, if known.
        body: the answer's body, or the beginning of it.
        phases: how the time was spent.
        headers: the answer's headers, with names in lower case; only for a call with `keeps`.
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
        """Whether the receiver accepted the event: 200 to 299 (contract section 5)."""
        return self.failure is None and self.status is not None and 200 <= self.status <= 299


class Calls(Protocol):
    """Makes HTTP calls."""

    def send(self, call: Call, on_end: Callable[[Outcome | Shortage], None]) -> None:
        """Begin a call. `on_end` gets its outcome, perhaps in another thread, where it must not block or raise.

        If the call was not made because this machine lacks a resource, `on_end` gets the shortage.
        """
