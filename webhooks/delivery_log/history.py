"""Recalling: what was sent to a profile's webhooks lately, as it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from webhooks.accounts.account import Profile
from webhooks.actions import CATALOGUE
from webhooks.deliveries.payload import body_of
from webhooks.delivery_log.entries import Place, Record, Records, Span, Wanted
from webhooks.delivery_log.search import look
from webhooks.numbers import read

#: Payloads of an action that are recalled, and letters of them together: one payload can have 262,144.
MOST_PAYLOADS = 250
MOST_LETTERS = 1_000_000
#: Deliveries of the profile's list that are come by for an action, and looks at it: each reads 50 of the action at
#: most. What was not attempted yet stands in the list too.
MOST_PASSED = 20_000
MOST_LOOKS = 100


class Recalling:
    """Tells customers what a profile's webhooks were sent."""

    def __init__(self, records: Records) -> None:
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
        for record in islice(self._attempted(profile, action), MOST_PAYLOADS):
            letters += len(record.payload)
            if letters > MOST_LETTERS:
                break
            sent.append(_as_sent(record))
        return sorted(sent, key=lambda payload: -payload["timeStamp"])

    def _attempted(self, profile: Profile, action: str) -> Iterator[Record]:
        """Give what was attempted at all, what was accepted last first."""
        span, wanted = Span(profile.account_ref_id, profile.ref_id), Wanted(action)
        after: Place | None = None
        passed = 0
        for _ in range(MOST_LOOKS):
            seen = look(self._records, span, wanted, after)
            yield from (record for _, record in seen.found if record.delivery.attempts)
            after, passed = seen.end, passed + seen.passed
            if after is None or passed >= MOST_PASSED:
                break


def _as_sent(record: Record) -> dict[str, Any]:
    delivery = record.delivery
    last = delivery.attempts[-1]
    # Nobody wrote down where a call went that was interrupted.
    url = next((attempt.url for attempt in reversed(delivery.attempts) if attempt.url is not None), None)
    told_url = None if CATALOGUE[delivery.action].keeps_url else url
    body = body_of(record.payload, record.title, retry=last.retry, url=told_url)
    return {**read(body.decode()), "timeStamp": int(last.at.timestamp())}
