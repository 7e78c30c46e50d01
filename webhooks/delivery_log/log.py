"""The delivery log of an account, page by page, and each delivery with all of its attempts."""

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

#: Steps of a search for one page. The next page continues from there.
MAX_SEARCHES = 20
#: Characters of payloads that a page reads, approximately: a payload can have 262,144, and is read with its
#: delivery.
MAX_CHARACTERS = 5_000_000


class Profiles(Protocol):
    """Where profiles are kept."""

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile."""


@dataclass(frozen=True)
class Page:
    """Some deliveries, the newest first; perhaps fewer than the limit, or none.

    Attributes:
        end: the cursor of the next page; None on the last page.
    """

    deliveries: Sequence[Delivery]
    end: Cursor | None


class DeliveryLog:
    """Shows customers the deliveries of their own account."""

    def __init__(self, records: DeliveryRecords, profiles: Profiles) -> None:
        self._records = records
        self._profiles = profiles

    def delivery(self, account: str, hook_id: str) -> Delivery:
        """Return a delivery of an account, with all of its attempts.

        Raises:
            UnknownDelivery: there is none with this hookId, or it is another account's.
        """
        return record_of(self._records, account, hook_id).delivery

    def span(
        self, caller: Profile, since: datetime | None, until: datetime | None, ref_id: str | None = None
    ) -> Span:
        """Return the part of the log that a customer asks for, if they may see it.

        Args:
            caller: a user profile sees its own deliveries, the primary profile those of all profiles of the
                account.
            ref_id: the only profile to show.

        Raises:
            InvalidInput: the caller may see no profile with this refId.
        """
        if ref_id is None and not caller.is_primary:
            ref_id = caller.ref_id
        if ref_id not in {None, caller.ref_id} and not self._may_see(caller, str(ref_id)):
            raise InvalidInput({"refId": ["None of your profiles has it."]})
        return Span(caller.account_ref_id, ref_id, since, until)

    def page(self, span: Span, log_filter: LogFilter, limit: int, after: Cursor | None = None) -> Page:
        """Return up to `limit` deliveries of a part of the log.

        Args:
            after: the `end` of the previous page; None for the first page.
        """
        deliveries: list[Delivery] = []
        characters = 0
        for _ in range(MAX_SEARCHES):
            seen = search(self._records, span, log_filter, after)
            for cursor, record in seen.found:
                if len(deliveries) == limit:
                    return Page(deliveries, after)
                deliveries.append(record.delivery)
                after = cursor
            after, characters = seen.end, characters + seen.characters
            if after is None or len(deliveries) == limit or characters > MAX_CHARACTERS:
                break
        return Page(deliveries, after)

    def _may_see(self, caller: Profile, ref_id: str) -> bool:
        profile = self._profiles.profile(ref_id)
        return caller.is_primary and profile is not None and profile.account_ref_id == caller.ref_id
