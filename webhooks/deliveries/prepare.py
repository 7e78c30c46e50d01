"""Preparing a claim: return its signed call (contract section 5), or what to record if none is made."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from webhooks.accounts.plans import needs_of
from webhooks.actions import CATALOGUE
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import State
from webhooks.deliveries.payload import body_of
from webhooks.deliveries.retry import entry_for
from webhooks.http.call import Call, Failure, Outcome
from webhooks.http.destinations import Destination
from webhooks.signing.secret_box import SecretBox, UnreadableSecret
from webhooks.signing.signatures import signature_headers


class Ready(Struct, frozen=True):
    """A claim with the call that it makes: a `webhooks.admission.candidate.Candidate`."""

    claim: Claim
    call: Call

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the claim."""
        return self.claim.key

    @property
    def account(self) -> str:
        """The account of the delivery."""
        return self.claim.account

    @property
    def host(self) -> str:
        """The host and port of the webhook."""
        return self.call.destination.host_and_port

    @property
    def url(self) -> str:
        """The URL of the webhook."""
        return self.call.url


def prepare(claim: Claim, box: SecretBox, retry_delays: Sequence[float]) -> Ready | Entry:
    """Return the call that a claim makes; or what to record, if it makes none.

    A delivery whose webhook was removed ends as canceled, and one that the account's plan does not include any
    more as not entitled. If a secret cannot be read, the attempt fails: the receiver would have to refuse an
    unsigned call, or worse, would trust it.
    """
    if claim.destination is None:
        return Entry(claim, State.CANCELED)
    if needs_of(claim.action, claim.platform).lacking(claim.subscription):
        return Entry(claim, State.NOT_ENTITLED)
    try:
        secrets = box.open_live(claim.owner, claim.sealed_secrets)
    except UnreadableSecret:
        return entry_for(claim, Outcome(None, Failure.SIGNING, 0), retry_delays)
    return Ready(claim, call_for(claim, claim.destination, secrets))


def call_for(claim: Claim, destination: Destination, secrets: Sequence[str]) -> Call:
    """Return the signed call of an attempt. Signature and timestamp are new for each attempt.

    Args:
        destination: where the webhook leads now.
        secrets: the owner's valid secrets, the current one first; without a secret, the call is not signed.
    """
    url = None if CATALOGUE[claim.action].keeps_url else destination.url
    body = body_of(claim.payload, claim.title, retry=claim.retry, url=url)
    timestamp = int(claim.began.timestamp())
    headers = {"Content-Type": "application/json", "X-Webhook-Attempt": str(claim.number)}
    return Call(destination, headers | signature_headers(claim.hook_id, timestamp, body, secrets), body)
