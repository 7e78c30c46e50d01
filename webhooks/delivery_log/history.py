"""Recalling: what was sent to a profile's webhooks lately, as it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from webhooks.accounts.account import Profile
from webhooks.actions import CATALOGUE
from webhooks.deliveries.payload import body_of
from webhooks.delivery_log.entries import Cursor, DeliveryRecord, DeliveryRecords, LogFilter, Span
from webhooks.delivery_log.search import search
from webhooks.numbers import read

#: Payloads of an action that are recalled, and letters of them together: one payload can have 262,144.
MAX_PAYLOADS = 250
MAX_CHARACTERS = 1_000_000
#: Deliveries of the profile's list that are come by for an action, and looks at it: each reads 50 of the action at
#: most. What was not attempted yet stands in the list too.
MAX_PASSED = 20_000
MAX_SEARCHES = 100


class PostHistory:
    """Tells customers what a profile's webhooks were sent."""

    def __init__(self, records: DeliveryRecords) -> None:
        self._records = records

    def history(self, profile: Profile, action: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return by action what was sent, whatever came of it, the latest attempt first.

        A payload is as it was sent the last time, with `timeStamp`, the Unix seconds of that. An action of which
        nothing was sent is left out.

        Args:
            action: the only one to be recalled.
        """
        actions = CATALOGUE if action is None else (action,)
        history = {action: self._sent(profile, action) for action in actions}
        return {action: sent for action, sent in history.items() if sent}

    def _sent(self, profile: Profile, action: str) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        letters = 0
        for record in islice(self._attempted(profile, action), MAX_PAYLOADS):
            letters += len(record.payload)
            if letters > MAX_CHARACTERS:
                break
            sent.append(_as_sent(record))
        return sorted(sent, key=lambda payload: -payload["timeStamp"])

    def _attempted(self, profile: Profile, action: str) -> Iterator[DeliveryRecord]:
        """Give what was attempted at all, what was accepted last first."""
        span, wanted = Span(profile.account_ref_id, profile.ref_id), LogFilter(action)
        after: Cursor | None = None
        passed = 0
        for _ in range(MAX_SEARCHES):
            seen = search(self._records, span, wanted, after)
            yield from (record for _, record in seen.found if record.delivery.attempts)
            after, passed = seen.end, passed + seen.passed
            if after is None or passed >= MAX_PASSED:
                break


def _as_sent(record: DeliveryRecord) -> dict[str, Any]:
    delivery = record.delivery
    last = delivery.attempts[-1]
    # Nobody wrote down where a call went that was interrupted.
    url = next((attempt.url for attempt in reversed(delivery.attempts) if attempt.url is not None), None)
    told_url = None if CATALOGUE[delivery.action].keeps_url else url
    body = body_of(record.payload, record.title, retry=last.retry, url=told_url)
    return {**read(body.decode()), "timeStamp": int(last.at.timestamp())}
