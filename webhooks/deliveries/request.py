"""The body and the headers that a receiver gets: one attempt as an HTTP call (contract section 5)."""

from __future__ import annotations

from collections.abc import Sequence

from webhooks.actions import CATALOGUE
from webhooks.deliveries.claim import Claim
from webhooks.deliveries.payload import body_of
from webhooks.http.call import Call
from webhooks.http.destinations import Destination
from webhooks.signing.signatures import signature_headers


def call_for(claim: Claim, destination: Destination, secrets: Sequence[str]) -> Call:
    """Return the call that an attempt makes. Its signature and its timestamp are those of this attempt.

    Args:
        destination: of the webhook now.
        secrets: the owner's valid secrets, the current one first; without any, the call is not signed.
    """
    url = None if CATALOGUE[claim.action].keeps_url else destination.url
    body = body_of(claim.payload, claim.title, retry=claim.retry, url=url)
    timestamp = int(claim.began.timestamp())
    headers = {"Content-Type": "application/json", "X-Webhook-Attempt": str(claim.number)}
    return Call(destination, headers | signature_headers(claim.hook_id, timestamp, body, secrets), body)
