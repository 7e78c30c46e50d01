"""The records that Python and the Lua scripts exchange: the names of their fields, in order.

This is the only place that defines them. A script gets the names as `<record>_fields` (`webhooks.store.scripts`),
and reads or returns values in this order.
"""

from __future__ import annotations

from typing import NamedTuple

from webhooks.deliveries.claim import Claim
from webhooks.store.accounts import read_subscription
from webhooks.store.connection import moment
from webhooks.store.log import lines_of, read_attempts
from webhooks.store.webhooks import read_destination


class NewRow(NamedTuple):
    """A new delivery, for deliveries/accept.lua."""

    hook_id: str
    action: str
    profile: str
    payload: str
    due: int | str
    notifies: int
    mails: int
    idempotency: str
    fingerprint: str
    plans: str
    add_on: str
    platform: str


class ClaimRow(NamedTuple):
    """A claim, from deliveries/claim.lua."""

    hook_id: str
    number: int
    retry: int
    resent_after: int
    began: str
    action: str
    profile: str
    account: str
    owner: str
    title: str
    payload: str
    platform: str
    created: str
    log: str
    webhook: str
    secret: str
    old_secret: str
    plan: str
    add_ons: str


def read_claim(token: str, row: ClaimRow) -> Claim:
    """Return a claim from its row."""
    return Claim(
        hook_id=row.hook_id,
        token=token,
        number=row.number,
        retry=bool(row.retry),
        resent_after=row.resent_after,
        began=moment(row.began),
        action=row.action,
        profile=row.profile,
        account=row.account,
        owner=row.owner,
        title=row.title,
        payload=row.payload,
        destination=read_destination(row.webhook) if row.webhook else None,
        sealed_secrets=tuple(sealed for sealed in (row.secret, row.old_secret) if sealed),
        platform=row.platform or None,
        subscription=read_subscription(row.plan, row.add_ons),
        created=moment(row.created),
        attempts=read_attempts(lines_of(row.log)),
    )


class EntryRow(NamedTuple):
    """An attempt that has ended, for deliveries/record.lua."""

    hook_id: str
    token: str
    account: str
    state: str
    delay: int | str
    written: bytes | str


class LeaseRow(NamedTuple):
    """A lease that is given back, for deliveries/release.lua."""

    hook_id: str
    token: str


class DeferralRow(NamedTuple):
    """A delivery that is deferred, for deliveries/defer.lua."""

    hook_id: str
    token: str
    set: str
    breadth: int
    host: str
    webhook: str


class DeliveryRow(NamedTuple):
    """An ended delivery that is to be owed again, for redelivery/redeliver.lua."""

    hook_id: str
    token: str
    action: str
    profile: str
    account: str
    owner: str
    title: str
    payload: str
    platform: str
    created: int
    made: int
    log: str
