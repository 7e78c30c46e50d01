"""The ledger: what is owed, and to whom. What goes in and out of it, and the port that the store implements.

A delivery that is owed an attempt has a due time, and no attempt begins before it. A claim moves the due time
to the end of a lease, so nobody else can claim it meanwhile; if the worker dies, the lease runs out and the
delivery is due again. Each delivery that is owed also has an alarm: the time at which the sweep publishes its
id again if nothing has happened by then. All times come from one clock, the ledger's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from webhooks.accounts.plans import Subscription
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.wakeup import Lane, WakeUp

#: Characters of a claim's token.
TOKEN_LENGTH = 16


class Idempotency(Struct, frozen=True):
    """What makes a repeated event known.

    Attributes:
        producer: who sent it; keys of different producers never meet.
        key: the producer's word for this event.
        fingerprint: a digest of the event, to tell a repetition from another event under the same key.
    """

    producer: str
    key: str
    fingerprint: str


class NewDelivery(Struct, frozen=True):
    """An event that has been checked, about to be resolved and stored.

    Attributes:
        profile: the refId of the profile that the event is about.
        payload: the body as JSON, without the fields that are made at each attempt.
        platform: the network that the event is from, if that has needs of its own; else it need not be known.
        due: when the first attempt is to be made; None for at once.
        notifies: whether an event like this is called out at all.
        mails: whether it makes an e-mail (`webhooks.mail.mail`), whether or not there is a webhook; its id is
            the `hook_id`.
    """

    hook_id: str
    action: str
    profile: str
    payload: str
    platform: str | None = None
    due: datetime | None = None
    notifies: bool = True
    mails: bool = False
    idempotency: Idempotency | None = None


class AcceptVerdict(StrEnum):
    """What the ledger made of a new delivery."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNKNOWN_PROFILE = "unknownProfile"
    NOT_ENTITLED = "notEntitled"
    UNREGISTERED = "unregistered"
    IMMEDIATE_POST = "immediatePost"


class Receipt(Struct, frozen=True):
    """What became of a new delivery.

    Attributes:
        hook_id: its id, or for a duplicate and a conflict that of the first; None when there is no delivery.
        state: where that delivery stood when it was stored; None when there is no delivery. The verdict on the
            first when that made an e-mail and no delivery.
        alarm: how its id must be published by whoever stored it; None if not at all.
    """

    verdict: AcceptVerdict
    hook_id: str | None = None
    state: State | AcceptVerdict | None = None
    wakeup: WakeUp | None = None


class Claim(Struct, frozen=True):
    """The right to make one attempt, until the lease ends.

    Attributes:
        token: proves the right when the attempt is recorded.
        number: which attempt this is; 1 is the first.
        retry: whether an earlier attempt was made, if only begun; true for all when it was sent again.
        resent_after: how many attempts had been made when it was sent again; 0 if it never was.
        began: when the lease began, by the ledger's clock.
        profile: the refId of the profile that the event is about.
        account: the refId of the account that the event is about.
        owner: the refId of the profile whose webhook is called.
        title: the title of the profile that the event is about.
        url: where to call now; None when the webhook has been removed.
        sealed_secrets: the owner's signing secrets that count now, encrypted, the current one first.
        platform: the network that the event is from, if that has needs of its own.
        subscription: what the account pays for now.
        created: when the event was accepted.
        attempts: what was attempted before.
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
    url: str | None
    sealed_secrets: tuple[str, ...]
    platform: str | None
    subscription: Subscription
    created: datetime
    attempts: tuple[Attempt, ...] = ()
    resent_after: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all other claims."""
        return self.hook_id, self.token


class Claimed(Struct, frozen=True):
    """What came of asking for claims. What is due later, ended or unknown is left out silently.

    Attributes:
        early: what is due so soon that it must be published again in time: a message came before its time, or
            before the end of a lease.
        parked: hookIds of what has ended as exhausted, because attempts were interrupted too often.
        damaged: hookIds of what cannot be read.
    """

    claims: list[Claim]
    early: list[WakeUp]
    parked: list[str]
    damaged: list[str]


class Entry(Struct, frozen=True):
    """What is written down when an attempt has ended.

    Attributes:
        state: where the delivery stands now.
        attempt: the line for the delivery log; None when no call was made.
        delay: seconds until the next attempt; None when there is none.
    """

    claim: Claim
    state: State
    attempt: Attempt | None = None
    delay: float | None = None


class Recorded(Struct, frozen=True):
    """What came of writing down an attempt.

    Attributes:
        written: False for a claim that had outlived its lease.
        lane: by which the delivery is to be published again.
    """

    written: bool
    lane: Lane = Lane.EXPRESS


class Deferral(Struct, frozen=True):
    """A claim whose attempt could not be made now, for there were too many of a kind.

    Attributes:
        queue: what it waits with; the names are told of in `store/lua/prelude.lua`. What is accepted for a webhook
            whose receiver hangs waits there from the start.
    """

    claim: Claim
    queue: str


class Ledger(Protocol):
    """Where deliveries are kept. Each call is one atomic step for all it is given."""

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Resolve new deliveries and store those that have a webhook to go to, and whose account pays for it."""

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Claim those that are due, for `lease` seconds.

        Whoever does not get the answer asks again with the same `token`, and gets the same claims.
        """

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Write down what has ended, unless the claim had outlived its lease.

        Whoever does not get the answer asks again, and gets the same.
        """

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Give claims back whose attempts cannot be seen to their end; returns the hookIds that are due now."""

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Give claims back whose attempts have not begun; each waits in its queue until it is resumed."""

    def resume(self, limit: int) -> list[WakeUp]:
        """Take up to `limit` deliveries from the queues of what was postponed, the oldest of each first.

        It is called once a second. Each time twice as many of a queue are resumed, until some of them have to be
        postponed again; then half as many.
        """

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Take up to `limit` alarms that ring within `ahead` seconds, and set each anew.

        Args:
            long: lanes with many messages. What has never been claimed most likely waits in them still, so it is
                not published again for now.
        """


def new_token() -> str:
    """Return a fresh token for claims that are asked for together."""
    return secrets.token_hex(TOKEN_LENGTH // 2)
