"""What the ledger keeps of a delivery, in the business' words: a claim, its attempts, its end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from webhooks.deliveries.delivery import Attempt
from webhooks.deliveries.ledger import Claim, Entry
from webhooks.store.accounts import read_subscription
from webhooks.store.connection import milliseconds, moment
from webhooks.store.ended import Ended
from webhooks.store.log import lines_of, read_line, written_line

#: Webhooks that are remembered as they were read.
MAX_REMEMBERED = 10_000


def read_claim(token: str, answer: Sequence[Any]) -> Claim:
    """Return a claim from what claim.lua answers for it."""
    hook_id, number, retry, resent_after, now, *stored = answer
    action, profile, account, owner, title, payload, platform, created, log_, *of_now = stored
    webhook, secret, old_secret, plan, add_ons = of_now
    return Claim(
        hook_id=hook_id,
        token=token,
        number=number,
        retry=bool(retry),
        resent_after=resent_after,
        began=moment(now),
        action=action,
        profile=profile,
        account=account,
        owner=owner,
        title=title,
        payload=payload,
        url=_url(webhook) if webhook else None,
        sealed_secrets=tuple(sealed for sealed in (secret, old_secret) if sealed),
        platform=platform or None,
        subscription=read_subscription(plan, add_ons),
        created=moment(created),
        attempts=read_attempts(lines_of(log_)),
    )


@lru_cache(MAX_REMEMBERED)
def _url(webhook: str) -> str:
    url: str = json.loads(webhook)["url"]
    return url


def read_attempts(log: Sequence[str]) -> tuple[Attempt, ...]:
    """Return the attempts that the lines of a log tell of."""
    return tuple(read_line(line) for line in log)


def line_of(entry: Entry) -> str:
    """Return the line for what has ended; empty if no call was made."""
    return "" if entry.attempt is None else written_line(entry.attempt)


def ended_by(entry: Entry) -> Ended:
    """Return what is kept of a delivery that ends with this entry."""
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
