"""HTTP calls, and what is sent to a receiver: the body and the headers of one attempt (contract section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from webhooks.actions import CATALOGUE
from webhooks.deliveries.delivery import Outcome
from webhooks.deliveries.ledger import Claim
from webhooks.deliveries.payload import body_of
from webhooks.http.shortages import Shortage
from webhooks.signing.signatures import signature_headers


class Call(Struct, frozen=True):
    """One HTTP call.

    Attributes:
        body: what is sent by POST; a GET has none.
        keeps: bytes of the answer's body that are taken and kept at most, and its headers with it; None for a
            delivery, whose log keeps but the beginning of the body.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    keeps: int | None = None


class Calls(Protocol):
    """What makes the HTTP calls."""

    def send(self, call: Call, on_end: Callable[[Outcome | Shortage], None]) -> None:
        """Begin a call. `on_end` gets its outcome, perhaps in another thread, where it must not block or raise.

        If it came to nothing by our own fault, `on_end` gets what we were short of.
        """


def call_for(claim: Claim, url: str, secrets: Sequence[str]) -> Call:
    """Return the call that an attempt makes; its signature and timestamp are of this attempt.

    Args:
        url: the webhook's URL now.
        secrets: the owner's live secrets, the current one first; none means that the call is not signed.
    """
    told_url = None if CATALOGUE[claim.action].keeps_url else url
    body = body_of(claim.payload, claim.title, retry=claim.retry, url=told_url)
    timestamp = int(claim.began.timestamp())
    headers = {"Content-Type": "application/json", "X-Webhook-Attempt": str(claim.number)}
    return Call(url, headers | signature_headers(claim.hook_id, timestamp, body, secrets), body)
