"""The body and the headers that a receiver gets: one attempt as an HTTP call (contract section 5)."""

from __future__ import annotations

from collections.abc import Sequence

from webhooks.actions import CATALOGUE
from webhooks.deliveries.ledger import Claim
from webhooks.deliveries.payload import body_of
from webhooks.http.call import Call
from webhooks.signing.signatures import signature_headers


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
