"""Publishing new items: one event for each new item of a feed, accepted like the events of producers.

An item is known by its key, and its event by an idempotency key. So an event that was sent, but whose item was not
remembered, is not sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from webhooks.deliveries.new_delivery import Receipt
from webhooks.errors import IdempotencyConflict, RingbackError, UnknownProfile
from webhooks.feeds.feed import FeedDocument, Item, Poll

#: The maximum number of new items of a feed that are published after one poll; the others follow after the next.
MAX_BATCH = 100
#: The producer of these events; no other producer can have this name.
PRODUCER = "feeds"

#: Refusals that are not errors: the item was published before and edited since, or its profile was removed with
#: the feed while it was read.
_IN_ORDER = (IdempotencyConflict, UnknownProfile)

log = structlog.get_logger()

#: Accepts events: `webhooks.deliveries.accept.EventIntake.accept`.
AcceptEvents = Callable[[Sequence[object], str], Sequence[Receipt | RingbackError]]


class KnownItems(Protocol):
    """Where the keys of items are remembered."""

    def unknown(self, poll: Poll, keys: Sequence[str]) -> set[str]:
        """Return the keys among these that belong to no known item of the feed; none if the feed was removed."""


@dataclass(frozen=True)
class PublishedItems:
    """The result of publishing the items of a document.

    Attributes:
        keys: the keys and aliases of items that are to be remembered.
        count: how many of them became new deliveries.
        is_complete: whether no item was left for the next poll.
    """

    keys: tuple[str, ...]
    count: int = 0
    is_complete: bool = True


class NewItemPublisher:
    """Finds out which items are new, and sends their events."""

    def __init__(self, known: KnownItems, accept: AcceptEvents) -> None:
        self._known = known
        self._accept = accept

    def publish(self, poll: Poll, document: FeedDocument) -> PublishedItems:
        """Send the events of new items, the oldest first; a poll that only remembers sends none.

        Raises:
            StorageUnavailable: some may have been sent; the same call again sends the others.
        """
        if poll.only_remembers:
            return PublishedItems(_all_keys(document.items))
        unknown = self._known.unknown(poll, _all_keys(document.items))
        new = _oldest_first([item for item in document.items if unknown.issuperset(_all_keys([item]))])
        now, later = new[:MAX_BATCH], {item.key for item in new[MAX_BATCH:]}
        count = self._send(poll, [_event(poll, document, item) for item in now])
        known = [item for item in document.items if item.key not in later]
        return PublishedItems(_all_keys(known), count, not later)

    def _send(self, poll: Poll, events: Sequence[dict[str, Any]]) -> int:
        """Send events; returns how many became deliveries."""
        results = self._accept(events, PRODUCER) if events else ()
        for result in results:
            if isinstance(result, RingbackError) and not isinstance(result, _IN_ORDER):
                log.warning("feed.item_refused", feed_id=poll.feed_id, reason=str(result))
        return sum(isinstance(result, Receipt) and _is_delivery(result) for result in results)


def _all_keys(items: Iterable[Item]) -> tuple[str, ...]:
    """Return the keys of items, and their aliases: an item has another key if a second one gets its guid."""
    return tuple(dict.fromkeys(key for item in items for key in (item.key, *item.aliases)))


def _oldest_first(items: Sequence[Item]) -> list[Item]:
    """Order items by publication date if all have one; otherwise reverse them, as feeds begin with the newest."""
    turned = list(reversed(items))
    return sorted(turned, key=lambda item: item.published) if all(item.published for item in turned) else turned


def _is_delivery(receipt: Receipt) -> bool:
    """Report whether an event became a new delivery; a duplicate did so before."""
    return receipt.hook_id is not None and not receipt.is_duplicate


def _event(poll: Poll, document: FeedDocument, item: Item) -> dict[str, Any]:
    said = {"description": item.description, "image": item.image, "published": item.published, "guid": item.guid}
    feed = {"id": poll.feed_id, "title": document.title, "type": poll.type}
    return {
        "action": "feed",
        "refId": poll.profile,
        "feedId": poll.feed_id,
        "item": {"title": item.title, "link": item.link, **_not_empty(said)},
        "feed": _not_empty(feed),
        "idempotencyKey": f"{poll.feed_id}:{item.key}",
    }


def _not_empty(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}
