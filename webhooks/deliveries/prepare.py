"""What becomes of a claim before anything is sent: a signed call, or the end of the attempt."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from webhooks.accounts.plans import needs_of
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import State
from webhooks.deliveries.request import call_for
from webhooks.deliveries.retry import entry_for
from webhooks.http.call import Call, Failure, Outcome
from webhooks.signing.secret_box import SecretBox, UnreadableSecret


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
    more as not entitled. A call is never made unsigned because a secret cannot be read: the receiver would have to
    refuse it, or worse, would not. That attempt fails.
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
