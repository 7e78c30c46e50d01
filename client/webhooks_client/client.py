"""`Client`, the class that a producer uses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from webhooks_client.answers import read_active, read_receipt, read_results
from webhooks_client.arguments import check_events, check_string
from webhooks_client.batches import Parcel, in_batches, join_body, pack
from webhooks_client.connection import Connection
from webhooks_client.errors import ClientError, Rejected, UnexpectedAnswer
from webhooks_client.receipts import Receipt, Rejection, Result
from webhooks_client.retries import SYSTEM_CLOCK, Clock

_EVENTS = "/api/events"
_BODY_TOO_LARGE = 413


class Client:
    """Sends events to Ringback, and retries without doubling any.

        with Client("https://ringback.example.com", "rb_producer_…") as client:
            receipt = client.send({"action": "social", "refId": "…", "type": "link", "platform": "linkedin"})

    Every event gets an idempotency key before its first call, so that a call whose answer was lost can be repeated
    and the service stores one event. A call is retried when there is no answer and after 429, 502, 503 and 504,
    with growing waits, and never sooner than `Retry-After` asks. Redirects are not followed. Proxies and CA
    bundles of the environment are used as `requests` does, except that a service on this machine is called without
    a proxy. Over plain http a proxy can read the key.

    Threads may share a client and call `send`, `send_many` and `active` at the same time. It is not safe to call
    `close` while another call is in flight, nor to use a client after a fork that was made before it.

    Args:
        url: the address of the service, such as `https://ringback.example.com`; it may end in `/api` or a slash.
        key: a producer key.
        timeout: seconds to wait for a connection, and for each part of an answer.
        patience: seconds for which a call is retried; the last attempt can take its `timeout` longer. 0 means one
            attempt. In `send_many` it applies to each batch.
        clock: the source of time; for tests.

    Raises:
        ValueError: an argument is malformed; the message names it.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 5.0,
        patience: float = 30.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._connection = Connection(url, key, timeout, patience, clock)

    def __repr__(self) -> str:
        return f"Client({self._connection.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._connection.close()

    def send(self, event: Mapping[str, Any]) -> Receipt:
        """Send one event and return its receipt: the service has stored the event, or has no webhook to call.

        Args:
            event: the event as the API takes it, with `action` and `refId`; it is not changed. Its
                `idempotencyKey` is used if it has one. Each `Decimal` is sent as a number with all its digits.

        Raises:
            Rejected: the event is invalid, its profile is unknown, or its idempotency key was used for another
                event.
            Unauthorized: the key is not a producer key.
            Unavailable: the service did not accept the event in time; the error's `unconfirmed` contains the event
                with its idempotency key, to be sent again later.
            UnexpectedAnswer: something other than Ringback answered; `unconfirmed` contains the event too.
        """
        parcel = pack(event)
        try:
            answer = self._connection.post(_EVENTS, parcel.body_alone, {"Idempotency-Key": parcel.key})
            return read_receipt(answer)
        except Rejected:
            raise
        except ClientError as error:
            error.results, error.unconfirmed = [None], [parcel.event]
            raise

    def send_many(self, events: Iterable[Mapping[str, Any]]) -> list[Result]:
        """Send events in batches of up to 1,000 or 5 MB, and return a result for each, in order.

        An invalid event gets a `Rejection` and does not affect the others: a batch that is refused as a whole, by
        the service or by a proxy with a lower limit, is halved until the refused event is alone.

        Args:
            events: any iterable; it is read to its end before the first batch is sent. The events are not changed.

        Raises:
            ClientError: sending stopped with Unauthorized, Unavailable or UnexpectedAnswer. The error's `results`
                contains the known result of each event, its `unconfirmed` the events to send again, with their
                keys.
            ValueError: `events` is a single event, or not an iterable.
        """
        check_events(events)
        results: list[Result | None] = []
        parcels: list[Parcel] = []
        for index, event in enumerate(events):
            try:
                parcels.append(pack(event, index))
                results.append(None)
            except Rejected as refusal:
                results.append(_rejection(refusal, index))
        try:
            self._send_batches(parcels, results)
        except ClientError as error:
            error.results = results
            error.unconfirmed = [parcel.event for parcel in parcels if results[parcel.index] is None]
            raise
        return [result for result in results if result is not None]

    def active(self, action: str, ref_id: str) -> bool:
        """Return whether this profile has an active webhook for this action, so that an event would be delivered.

        For `feed` an active webhook means that the producer must not post new items itself.

        Raises:
            Rejected: there is no such action or profile.
            Unauthorized, Unavailable, UnexpectedAnswer: there was no answer from the service, as in `send`.
            ValueError: an argument is not a string, or empty.
        """
        check_string("action", action)
        check_string("ref_id", ref_id)
        return read_active(self._connection.get(f"{_EVENTS}/active", {"action": action, "refId": ref_id}))

    def _send_batches(self, parcels: list[Parcel], results: list[Result | None]) -> None:
        """Send the parcels, and store each result at its index as soon as it is known."""
        batches = deque(in_batches(parcels))
        while batches:
            batch = batches.popleft()
            try:
                found = self._send_batch(batch)
            except (Rejected, UnexpectedAnswer) as refusal:
                if len(batch) == 1 or not _may_concern_one_event(refusal):
                    raise
                middle = len(batch) // 2
                batches.extendleft([batch[middle:], batch[:middle]])
                continue
            for parcel, result in zip(batch, found, strict=True):
                results[parcel.index] = result

    def _send_batch(self, batch: Sequence[Parcel]) -> Sequence[Result]:
        """Return the results of a batch; if its only event is refused, the result is a rejection."""
        try:
            answer = self._connection.post(_EVENTS, join_body([parcel.body for parcel in batch]))
            return read_results(answer, [parcel.index for parcel in batch])
        except Rejected as refusal:
            if len(batch) > 1:
                raise
            return [_rejection(refusal, batch[0].index)]


def _may_concern_one_event(refusal: Rejected | UnexpectedAnswer) -> bool:
    """Return whether a batch may have been refused because of one of its events, or because of its size."""
    return isinstance(refusal, Rejected) or refusal.status == _BODY_TOO_LARGE


def _rejection(refusal: Rejected, index: int) -> Rejection:
    return Rejection(index, refusal.code, refusal.message, refusal.errors)
