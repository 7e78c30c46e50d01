"""What is sent to a receiver: the body and the headers of one attempt (contract section 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webhooks.actions import CATALOGUE
from webhooks.ledger import Claim
from webhooks.signatures import signature_headers


@dataclass(frozen=True)
class Call:
    """One POST to a receiver."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def call_for(claim: Claim, url: str, secrets: Sequence[str]) -> Call:
    """Return the call that an attempt makes; its signature and timestamp are of this attempt.

    Args:
        url: the webhook's URL now.
        secrets: the owner's live secrets, the current one first; none means that the call is not signed.
    """
    fields = json.loads(claim.payload)
    fields |= {"title": claim.title, "retry": claim.retry}
    if not CATALOGUE[claim.action].keeps_url:
        fields["url"] = url
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(claim.claimed.timestamp())
    headers = {"Content-Type": "application/json", "X-Webhook-Attempt": str(claim.number)}
    return Call(url, headers | signature_headers(claim.hook_id, timestamp, body, secrets), body)
