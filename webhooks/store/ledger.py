"""The ledger in Redis, a `webhooks.deliveries.ledger.Ledger`: one Lua script for each atomic step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from webhooks.admission.candidate import AdmissionDecision
from webhooks.deliveries.claim import Claim, Claimed, Deferral, Entry, Recorded
from webhooks.deliveries.delivery import State
from webhooks.deliveries.new_delivery import AcceptVerdict, Idempotency, NewDelivery, Receipt
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.deliveries.wakeup import CeleryList, Lane, WakeUp
from webhooks.errors import StorageUnavailable
from webhooks.runtime.baton import BATON
from webhooks.store.accounts import needs_values
from webhooks.store.breaker import Breaker
from webhooks.store.connection import Client, Clock, milliseconds
from webhooks.store.ended import ended_by, packed
from webhooks.store.log import line_of
from webhooks.store.rows import ClaimRow, DeferralRow, EntryRow, LeaseRow, NewRow, read_claim
from webhooks.store.scripts import Script

#: How long a producer's idempotency key is known (contract section 3).
IDEMPOTENCY_LIFETIME = timedelta(hours=24)
#: A delivery that is due within this time is published when it is stored; others are published by the sweep.
PUBLISH_AHEAD_MS = 5_000
#: The time from its due time to the first wake-up of a delivery. In the bulk lane, it grows with each owed
#: delivery of the account, up to a limit: at least 2,000 are delivered per second.
WAKEUP_SLACK_MS = 3_000
WAKEUP_SLACK_FOR_EACH_MS = 0.5
MAX_WAKEUP_SLACK_MS = 300_000
#: The time to the next wake-up is as long as the delivery was overdue at its wake-up, within these bounds.
MIN_WAKEUP_PAUSE_MS = 10_000
MAX_WAKEUP_PAUSE_MS = 300_000
#: The longest time that a deferred delivery waits if its set is lost.
MAX_DEFERRED_MS = 3_600_000
#: How many of a deferred set are resumed the first time, unless its receiver is unresponsive.
FIRST_RESUMED = 200
#: The least number of deliveries of a set that are resumed, so that they get slots in spite of new deliveries. All
#: unresponsive webhooks of a host share this number.
MIN_RESUMED = 10
#: How long replicas may take to confirm; less than the timeout of a command, which is one second.
REPLICATION_MS = 800

#: How many deliveries the reason of a deferral concerns: all of a worker, of an account, of a host, or of one
#: receiver (see `says_of_others` in defer.lua).
_BREADTH = {
    AdmissionDecision.OUT_OF_RESOURCES: 4,
    AdmissionDecision.ACCOUNT_IS_FULL: 3,
    AdmissionDecision.HOST_IS_FULL: 2,
    AdmissionDecision.UNRESPONSIVE: 1,
}


class RedisLedger:
    """Deliveries in Redis.

    Args:
        history: how long an ended delivery is kept.
        clock: milliseconds since 1970, for tests; the server's clock if None.
        replicas: how many replicas must have a new delivery before `accept` returns.
        lanes: the lanes, if they are lists in the same Redis. Then the step that stores a delivery also publishes
            it if it is due at once.
    """

    def __init__(
        self,
        redis: Client,
        history: timedelta,
        clock: Clock | None = None,
        replicas: int = 0,
        lanes: Mapping[str, CeleryList] | None = None,
    ) -> None:
        self._redis = redis
        lists = [lanes[lane] for lane in (Lane.EXPRESS, Lane.BULK)] if lanes else []
        self._lanes = [value for one in lists for value in (one.key, one.message)] or [""] * 4
        self._replicas = replicas
        self._replication = Breaker()
        self._lifetime = max(1, int(history.total_seconds()))  # Redis takes whole seconds, and at least one
        self._accept = Script(redis, "deliveries/accept", clock, new=NewRow)
        self._claim = Script(redis, "deliveries/claim", clock, claim=ClaimRow)
        self._record = Script(redis, "deliveries/record", clock, entry=EntryRow)
        self._release = Script(redis, "deliveries/release", clock, lease=LeaseRow)
        self._defer = Script(redis, "deliveries/defer", clock, deferral=DeferralRow)
        self._resume = Script(redis, "deliveries/resume", clock)
        self._wakeups = Script(redis, "deliveries/wakeups", clock)

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Store the new deliveries that have a webhook and whose account's plan includes it.

        Raises:
            StorageUnavailable: they may have been stored, but on too few replicas; or the replicas have just been
                found to lag, and nothing was stored.
        """
        key_lifetime = int(IDEMPOTENCY_LIFETIME.total_seconds())
        slack = (WAKEUP_SLACK_MS, WAKEUP_SLACK_FOR_EACH_MS, MAX_WAKEUP_SLACK_MS)
        lifetimes = (MAX_DEFERRED_MS, key_lifetime, self._lifetime)
        values: list[object] = [PUBLISH_AHEAD_MS, *slack, *lifetimes, *self._lanes]
        for new in deliveries:
            values += _new_row(new)
        answers = self._accept_on_replicas(values) if self._replicas else self._accept(*values)
        return [_receipt(*answer) for answer in answers]

    def _accept_on_replicas(self, values: Sequence[object]) -> list[Any]:
        self._replication.check()
        with self._redis.client() as connection:  # WAIT concerns the writes of its own connection
            answers = self._accept(*values, client=connection)
            if connection.wait(self._replicas, REPLICATION_MS) < self._replicas:
                self._replication.timed_out()
                raise StorageUnavailable
        self._replication.answered()
        return answers

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Claim the deliveries that are due, for `lease` seconds."""
        values = (round(lease * 1000), token, PUBLISH_AHEAD_MS, MAX_INTERRUPTIONS, self._lifetime)
        granted, early, interrupted_too_often, damaged = self._claim(*values, *hook_ids)
        claims = []
        with BATON:
            for answer in granted:
                try:
                    claims.append(read_claim(token, ClaimRow._make(answer)))
                except (KeyError, TypeError, ValueError):
                    # Its webhook cannot be read. The others are leased by now, so they must be returned.
                    damaged.append(answer[0])
        return Claimed(claims, [_wakeup(*answer) for answer in early], interrupted_too_often, damaged)

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Record attempts that have ended, unless the claim had outlived its lease."""
        values: list[object] = [WAKEUP_SLACK_MS, self._lifetime]
        with BATON:
            for entry in entries:
                values += _entry_row(entry)
        return [Recorded(bool(written), Lane(lane or Lane.EXPRESS)) for written, lane in self._record(*values)]

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Give claims back; returns the hookIds that are due at once."""
        return self._release(*(value for claim in claims for value in LeaseRow(claim.hook_id, claim.token)))

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Give back claims whose attempts have not begun; each waits in its deferred set until it is resumed."""
        values: list[object] = [MAX_DEFERRED_MS]
        for deferral in deferrals:
            values += _deferral_row(deferral)
        self._defer(*values)

    def resume(self, limit: int) -> list[WakeUp]:
        """Take up to `limit` deliveries out of the deferred sets, the oldest of each set first."""
        return [_wakeup(*answer) for answer in self._resume(WAKEUP_SLACK_MS, MIN_RESUMED, FIRST_RESUMED, limit)]

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Take up to `limit` deliveries that wake up within `ahead` seconds, and set their next wake-up times."""
        pauses = (MIN_WAKEUP_PAUSE_MS, MAX_WAKEUP_PAUSE_MS)
        values = (round(ahead * 1000), *pauses, limit, MAX_DEFERRED_MS, ",".join(long))
        return [_wakeup(*answer) for answer in self._wakeups(*values)]


def _new_row(new: NewDelivery) -> NewRow:
    key, fingerprint = _idempotency(new.idempotency)
    plans, add_on = needs_values(new.action, new.platform)
    return NewRow(
        hook_id=new.hook_id,
        action=new.action,
        profile=new.profile,
        payload=new.payload,
        due="" if new.due is None else milliseconds(new.due),
        notifies=int(new.notifies),
        mails=int(new.mails),
        idempotency=key,
        fingerprint=fingerprint,
        plans=plans,
        add_on=add_on,
        platform=new.platform or "",
    )


def _idempotency(idempotency: Idempotency | None) -> tuple[str, str]:
    if idempotency is None:
        return "", ""
    return f"idempotency:{idempotency.producer}:{idempotency.key}", idempotency.fingerprint


def _entry_row(entry: Entry) -> EntryRow:
    claim = entry.claim
    delay = "" if entry.delay is None else round(entry.delay * 1000)
    written = line_of(entry) if entry.delay is not None else packed(ended_by(entry))
    return EntryRow(claim.hook_id, claim.token, claim.account, entry.state.value, delay, written)


def _deferral_row(deferral: Deferral) -> DeferralRow:
    """Return the row of a deferral: there is a set for each account, host of an account, or webhook."""
    claim, reason, host = deferral.claim, deferral.reason, deferral.host
    breadth = _BREADTH[reason]
    if reason is AdmissionDecision.UNRESPONSIVE:
        webhook = f"{claim.owner} {claim.action}"
        return DeferralRow(claim.hook_id, claim.token, f"hanging:{host} webhook:{webhook}", breadth, host, webhook)
    if reason is AdmissionDecision.HOST_IS_FULL:
        deferred_set = f"host:{host} account:{claim.account}"
    elif reason is AdmissionDecision.ACCOUNT_IS_FULL:
        deferred_set = f"account:{claim.account}"
    else:
        deferred_set = f"resources account:{claim.account}"
    return DeferralRow(claim.hook_id, claim.token, deferred_set, breadth, "", "")


def _receipt(verdict: str, hook_id: str, state: str, wait: str, lane: str) -> Receipt:
    values = State if hook_id else AcceptVerdict
    return Receipt(
        verdict=AcceptVerdict(verdict),
        hook_id=hook_id or None,
        state=values(state) if state else None,
        wakeup=_wakeup(hook_id, wait, lane) if wait else None,
    )


def _wakeup(hook_id: str, wait: str, lane: str = Lane.EXPRESS) -> WakeUp:
    return WakeUp(hook_id, int(wait) / 1000, Lane(lane))
