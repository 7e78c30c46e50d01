"""Events prepared for sending: each with an idempotency key, grouped into batches within the service's limits."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webhooks_client.errors import Rejected
from webhooks_client.exact_json import dumps

MAX_EVENTS = 1_000
MAX_BYTES = 5_000_000  # of a body
MAX_EVENT_BYTES = 262_144  # of an event without its idempotency key; the limit in docs/contract.md
_BEFORE, _BETWEEN, _AFTER = b'{"events":[', b",", b"]}"

# A header carries the key when an event is sent alone.
_KEY = re.compile("[!-~]([ -~]{0,253}[!-~])?")


@dataclass(frozen=True)
class Parcel:
    """An event ready to send.

    Attributes:
        event: a copy of the caller's event, with its `idempotencyKey`.
        index: its position among the caller's events, from 0.
        body: the event in compact JSON, UTF-8.
    """

    event: Mapping[str, Any]
    index: int
    body: bytes

    @property
    def key(self) -> str:
        """The idempotency key."""
        return str(self.event["idempotencyKey"])

    @property
    def body_alone(self) -> bytes:
        """The body of a call with this event alone, whose key is in a header."""
        return _json({name: value for name, value in self.event.items() if name != "idempotencyKey"})


def pack(event: Mapping[str, Any], index: int = 0) -> Parcel:
    """Return the event ready to send, with a new idempotency key unless it has one.

    Raises:
        Rejected: the event is not a JSON object, has more than 262,144 bytes, or its key is not 1 to 255 printable
            ASCII characters.
    """
    if not isinstance(event, Mapping):
        raise Rejected("The event is not JSON: it must be a mapping, such as a dict.", code=101)
    try:
        keyed = {"idempotencyKey": str(uuid.uuid4()), **event}
        body = _json(keyed)
    except (TypeError, ValueError, RecursionError) as error:
        raise Rejected(f"The event is not JSON: {error}", code=101) from None
    key = keyed["idempotencyKey"]
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        problem = "Must be 1 to 255 printable ASCII characters."
        raise Rejected("Bad idempotencyKey.", code=101, errors={"idempotencyKey": [problem]})
    parcel = Parcel(keyed, index, body)
    # Checked here because a proxy may refuse a large body before the service sees it. The body without its key is
    # made only if the one with the key exceeds the limit.
    if len(body) > MAX_EVENT_BYTES and len(parcel.body_alone) > MAX_EVENT_BYTES:
        raise Rejected(f"The event has more than {MAX_EVENT_BYTES:,} bytes of JSON.", code=413)
    return parcel


def in_batches(parcels: Iterable[Parcel]) -> Iterator[list[Parcel]]:
    """Group parcels in order into batches of up to 1,000 events and 5 MB."""
    batch: list[Parcel] = []
    size = len(_BEFORE) + len(_AFTER)
    for parcel in parcels:
        added = len(parcel.body) + len(_BETWEEN)
        if batch and (len(batch) == MAX_EVENTS or size + added > MAX_BYTES):
            yield batch
            batch, size = [], len(_BEFORE) + len(_AFTER)
        batch.append(parcel)
        size += added
    if batch:
        yield batch


def join_body(bodies: Sequence[bytes]) -> bytes:
    """Return the body of a call with a batch of events."""
    return _BEFORE + _BETWEEN.join(bodies) + _AFTER


def _json(event: Mapping[str, Any]) -> bytes:
    return dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
