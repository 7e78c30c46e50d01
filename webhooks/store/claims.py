"""What the ledger stores of a delivery, as values: a claim, its attempts, its end."""

from __future__ import annotations

from collections.abc import Sequence

from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import Attempt
from webhooks.store.accounts import read_subscription
from webhooks.store.connection import milliseconds, moment
from webhooks.store.ended import Ended
from webhooks.store.log import lines_of, read_line, written_line
from webhooks.store.rows import ClaimRow
from webhooks.store.webhooks import read_destination


def read_claim(token: str, row: ClaimRow) -> Claim:
    """Return a claim from what claim.lua answers for it."""
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


def read_attempts(log: Sequence[str]) -> tuple[Attempt, ...]:
    """Return the attempts of a log."""
    return tuple(read_line(line) for line in log)


def line_of(entry: Entry) -> str:
    """Return the log line of an entry; empty if no call was made."""
    return "" if entry.attempt is None else written_line(entry.attempt)


def ended_by(entry: Entry) -> Ended:
    """Return what is stored of a delivery that ends with this entry."""
    claim = entry.claim
    lines = [written_line(attempt) for attempt in claim.attempts]
    if entry.attempt is not None:
        lines.append(written_line(entry.attempt))
    return Ended(
        action=claim.action,
        profile=claim.profile,
        account=claim.account,
        owner=claim.owner,
        title=claim.title,
        payload=claim.payload,
        state=entry.state.value,
        created=milliseconds(claim.created),
        log=lines,
        platform=claim.platform,
    )
