"""A claim, and the two ways to end it: an entry that is recorded, or a deferral."""

from __future__ import annotations

import secrets
from datetime import datetime

from msgspec import Struct

from webhooks.accounts.plans import Subscription
from webhooks.admission.candidate import AdmissionDecision
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.wakeup import Lane, WakeUp
from webhooks.http.destinations import Destination

#: Characters of a claim's token.
TOKEN_LENGTH = 16


class Claim(Struct, frozen=True):
    """The right to make one attempt, until the lease ends.

    Attributes:
        token: proves the right when the attempt is recorded.
        number: which attempt this is; 1 is the first.
        retry: whether an earlier attempt was begun; always true for a delivery that was redelivered.
        resent_after: how many attempts had been made when the delivery was redelivered; 0 if it never was.
        began: when the lease began, by the ledger's clock.
        profile: the refId of the profile that the event is about.
        account: the refId of that profile's account.
        owner: the refId of the profile whose webhook is called.
        title: the title of the profile that the event is about.
        destination: where to call now; None when the webhook has been removed.
        sealed_secrets: the owner's valid signing secrets, encrypted, the current one first.
        platform: the network that the event comes from, if a plan must include it.
        subscription: what the account pays for now.
        created: when the event was accepted.
        attempts: the earlier attempts.
    """

    hook_id: str
    token: str
    number: int
    retry: bool
    began: datetime
    action: str
    profile: str
    account: str
    owner: str
    title: str
    payload: str
    destination: Destination | None
    sealed_secrets: tuple[str, ...]
    platform: str | None
    subscription: Subscription
    created: datetime
    attempts: tuple[Attempt, ...] = ()
    resent_after: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the claim."""
        return self.hook_id, self.token

    @property
    def url(self) -> str | None:
        """Where to call now; None when the webhook has been removed."""
        return None if self.destination is None else self.destination.url


class Claimed(Struct, frozen=True):
    """The answer to a request for claims. Deliveries that are due later, ended or unknown are left out.

    Attributes:
        early: deliveries whose message came too early, but that are due so soon that the caller must publish them
            again.
        interrupted_too_often: hookIds of deliveries that have ended as exhausted for that reason.
        damaged: hookIds of deliveries that cannot be read.
    """

    claims: list[Claim]
    early: list[WakeUp]
    interrupted_too_often: list[str]
    damaged: list[str]


class Entry(Struct, frozen=True):
    """What is recorded when an attempt has ended, or cannot be made any more.

    Attributes:
        state: the state of the delivery from now on.
        attempt: the line for the delivery log; None when no call was made.
        delay: seconds until the next attempt; None when there is none.
    """

    claim: Claim
    state: State
    attempt: Attempt | None = None
    delay: float | None = None


class Recorded(Struct, frozen=True):
    """The ledger's answer to an entry.

    Attributes:
        written: False for a claim that had outlived its lease.
        lane: the lane in which the delivery is to be published again.
    """

    written: bool
    lane: Lane = Lane.EXPRESS


class Deferral(Struct, frozen=True):
    """A claim that is given back because its call cannot be made now.

    Attributes:
        reason: why: the account or host is full, the receiver is unresponsive, or this machine lacks resources.
        host: the host and port of the call.
    """

    claim: Claim
    reason: AdmissionDecision
    host: str


def new_token() -> str:
    """Return a fresh token for claims that are requested together."""
    return secrets.token_hex(TOKEN_LENGTH // 2)
