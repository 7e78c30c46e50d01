"""Listing: the delivery log of an account, page by page, and each delivery with all of its attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webhooks.accounts.account import Profile
from webhooks.deliveries.delivery import Delivery
from webhooks.delivery_log.entries import Cursor, DeliveryRecords, LogFilter, Span
from webhooks.delivery_log.search import record_of, search
from webhooks.errors import InvalidInput

#: How often a page looks for more. What has not been found by then is left to the next page.
MAX_SEARCHES = 20
#: Letters of payloads that a page reads, about: they are read along with what it shows, and each can have 262,144.
MAX_CHARACTERS = 5_000_000


class Profiles(Protocol):
    """Where profiles are kept."""

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile."""


@dataclass(frozen=True)
class Page:
    """Some deliveries, the newest first; perhaps fewer than were asked for, or none.

    Attributes:
        end: where the next page begins; None when there is none.
    """

    deliveries: Sequence[Delivery]
    end: Cursor | None


class DeliveryLog:
    """Shows customers their account's deliveries, and nobody else's."""

    def __init__(self, records: DeliveryRecords, profiles: Profiles) -> None:
        self._records = records
        self._profiles = profiles

    def delivery(self, account: str, hook_id: str) -> Delivery:
        """Return a delivery of an account, with all of its attempts.

        Raises:
            UnknownDelivery: there is none by this hookId, or it is another account's.
        """
        return record_of(self._records, account, hook_id).delivery

    def span(
        self, caller: Profile, since: datetime | None, until: datetime | None, ref_id: str | None = None
    ) -> Span:
        """Return the part of the log that a customer may see and asks for.

        Args:
            caller: a user profile sees its own deliveries; the primary profile those of all of the account's.
            ref_id: the only profile to be looked at.

        Raises:
            InvalidInput: nobody has this refId whom the caller may see.
        """
        if ref_id is None and not caller.is_primary:
            ref_id = caller.ref_id
        if ref_id not in {None, caller.ref_id} and not self._may_look_at(caller, str(ref_id)):
            raise InvalidInput({"refId": ["None of your profiles has it."]})
        return Span(caller.account_ref_id, ref_id, since, until)

    def page(self, span: Span, wanted: LogFilter, most: int, after: Cursor | None = None) -> Page:
        """Return up to `most` deliveries of a part of the log.

        Args:
            after: where the page before this one ended; None for the first.
        """
        deliveries: list[Delivery] = []
        letters = 0
        for _ in range(MAX_SEARCHES):
            seen = search(self._records, span, wanted, after)
            for place, record in seen.found:
                if len(deliveries) == most:
                    return Page(deliveries, after)
                deliveries.append(record.delivery)
                after = place
            after, letters = seen.end, letters + seen.letters
            if after is None or len(deliveries) == most or letters > MAX_CHARACTERS:
                break
        return Page(deliveries, after)

    def _may_look_at(self, caller: Profile, ref_id: str) -> bool:
        profile = self._profiles.profile(ref_id)
        return caller.is_primary and profile is not None and profile.account_ref_id == caller.ref_id
