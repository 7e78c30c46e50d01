"""History: the latest payloads that a profile's webhooks were sent."""

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

#: Payloads of an action that are shown, and the limit of their characters together: a payload can have 262,144.
MAX_PAYLOADS = 250
MAX_CHARACTERS = 1_000_000
#: Deliveries of the profile's list that are passed for an action, and steps of the search: each reads up to 50 of
#: the action. Deliveries without an attempt are in the list too.
MAX_PASSED = 20_000
MAX_SEARCHES = 100


class PostHistory:
    """Shows customers what a profile's webhooks were sent."""

    def __init__(self, records: DeliveryRecords) -> None:
        self._records = records

    def history(self, profile: Profile, action: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return by action the payloads that were sent, whatever the outcome, the latest attempt first.

        A payload is as it was sent in the latest attempt, with `timeStamp`, the Unix seconds of that attempt.
        Actions without a payload are left out.

        Args:
            action: the only action to show; None for all.
        """
        actions = CATALOGUE if action is None else (action,)
        history = {action: self._sent(profile, action) for action in actions}
        return {action: sent for action, sent in history.items() if sent}

    def _sent(self, profile: Profile, action: str) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        characters = 0
        for record in islice(self._attempted(profile, action), MAX_PAYLOADS):
            characters += len(record.payload)
            if characters > MAX_CHARACTERS:
                break
            sent.append(_as_sent(record))
        return sorted(sent, key=lambda payload: -payload["timeStamp"])

    def _attempted(self, profile: Profile, action: str) -> Iterator[DeliveryRecord]:
        """Give the deliveries with an attempt, the newest first."""
        span, log_filter = Span(profile.account_ref_id, profile.ref_id), LogFilter(action)
        after: Cursor | None = None
        passed = 0
        for _ in range(MAX_SEARCHES):
            seen = search(self._records, span, log_filter, after)
            yield from (record for _, record in seen.found if record.delivery.attempts)
            after, passed = seen.end, passed + seen.passed
            if after is None or passed >= MAX_PASSED:
                break


def _as_sent(record: DeliveryRecord) -> dict[str, Any]:
    delivery = record.delivery
    last = delivery.attempts[-1]
    # The URL of an interrupted call is not recorded.
    url = next((attempt.url for attempt in reversed(delivery.attempts) if attempt.url is not None), None)
    shown_url = None if CATALOGUE[delivery.action].keeps_url else url
    body = body_of(record.payload, record.title, retry=last.retry, url=shown_url)
    return {**read(body.decode()), "timeStamp": int(last.at.timestamp())}
