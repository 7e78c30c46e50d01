"""Events of new items: their order, and answers that are no success."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.deliveries.new_delivery import AcceptVerdict, Receipt
from webhooks.errors import IdempotencyConflict, InvalidInput, RingbackError, UnknownProfile
from webhooks.feeds.feed import FeedDocument, Item, Poll
from webhooks.feeds.new_items import PRODUCER, NewItemPublisher, PublishedItems


class Answers:
    """Answers each event with the same receipt: `webhooks.feeds.new_items.Publish`.

    Attributes:
        events: the events, with their producers.
    """

    def __init__(self, answer: Receipt | RingbackError) -> None:
        self.events: list[Any] = []
        self.producers: list[str] = []
        self._answer = answer

    def __call__(self, events: Sequence[object], producer: str) -> Sequence[Receipt | RingbackError]:
        """Answer."""
        self.events += events
        self.producers.append(producer)
        return [self._answer for _ in events]


QUEUED = Receipt(AcceptVerdict.STORED, "hook", State.QUEUED)


def document(**published: str) -> FeedDocument:
    """Return a document of items by key, with the time of each publication."""
    items = (Item(key, key, "https://a.example/", "", "", at, "") for key, at in published.items())
    return FeedDocument("News", tuple(items))


def publish(store: Store, answers: Answers, found: FeedDocument) -> PublishedItems:
    """Publish the new items of a feed that was empty at its first poll."""
    first = subscribe(store)
    item_publisher = NewItemPublisher(store.feeds, answers)
    assert item_publisher.publish(first, document(old="")) == PublishedItems(("old",))
    return item_publisher.publish(next_poll(store), found)


def subscribe(store: Store) -> Poll:
    """Subscribe an account to a feed; returns its first poll."""
    profile = store.account(feed="https://hooks.example/")
    store.subscribe(profile)
    (poll,) = store.look(lease=0).polls
    return poll


def next_poll(store: Store) -> Poll:
    """Return the next poll of a feed that has been read."""
    (key,) = store.redis.keys("feed:*")
    store.redis.hset(key, "fetched", store.clock())
    (poll,) = store.look(lease=0).polls
    return poll


def test_an_item_is_recognized_by_any_of_its_keys(store: Store) -> None:
    """By the key of its event, whatever happened to its guid since, and then by all current keys."""
    answers = Answers(QUEUED)
    items = [
        Item(key, key, "https://a.example/", "", "", "", "", aliases)
        for key, aliases in (("moved", ("x", "old")), ("new", ("x",)))
    ]
    subscribe(store)
    item_publisher, poll = NewItemPublisher(store.feeds, answers), next_poll(store)
    store.redis.zadd(f"feedItems:{poll.feed_id}", {"old": 0})
    published = item_publisher.publish(poll, FeedDocument("News", tuple(items)))
    assert [event["item"]["title"] for event in answers.events] == ["new"]
    assert published.keys == ("moved", "x", "old", "new")


def test_an_item_is_recognized_when_another_takes_its_guid(store: Store) -> None:
    """Then neither is recognized by the guid alone."""
    answers = Answers(QUEUED)
    old = Item("guid", "Old", "https://a.example/", "", "", "", "", ("guid and Old",))
    both = [Item(f"guid and {title}", title, "https://a.example/", "", "", "", "") for title in ("New", "Old")]
    item_publisher, poll = NewItemPublisher(store.feeds, answers), subscribe(store)
    published = item_publisher.publish(poll, FeedDocument("News", (old,)))
    poll = next_poll(store)
    store.redis.zadd(f"feedItems:{poll.feed_id}", dict.fromkeys(published.keys, 0))
    item_publisher.publish(poll, FeedDocument("News", tuple(both)))
    assert [event["item"]["title"] for event in answers.events] == ["New"]


@pytest.mark.parametrize(
    ("published", "order"),
    [
        ({"a": "2026-01-03", "b": "2026-01-01", "c": "2026-01-02"}, ["b", "c", "a"]),
        ({"a": "2026-01-01", "b": "2026-01-01", "c": "2026-01-01"}, ["c", "b", "a"]),
        ({"a": "2026-01-01", "b": "", "c": "2026-01-03"}, ["c", "b", "a"]),
    ],
    ids=["by when they were published", "else by their place", "if not all tell"],
)
def test_the_oldest_item_is_published_first(store: Store, published: dict[str, str], order: list[str]) -> None:
    answers = Answers(QUEUED)
    result = publish(store, answers, document(**published))
    assert [event["item"]["title"] for event in answers.events] == order
    assert answers.producers == [PRODUCER]
    assert result == PublishedItems(tuple(published), len(published))


def test_without_items_no_event_is_sent(store: Store) -> None:
    answers = Answers(QUEUED)
    assert publish(store, answers, document()) == PublishedItems(())
    assert answers.producers == []


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        (IdempotencyConflict(), []),
        (Receipt(AcceptVerdict.DUPLICATE, "hook", State.QUEUED), []),
        (Receipt(AcceptVerdict.UNREGISTERED), []),
        (UnknownProfile(), []),
        (InvalidInput({"item": ["No."]}), ["feed.item_refused"]),
    ],
    ids=[
        "one that was sent and edited",
        "one that was sent",
        "one that nobody wants",
        "one whose profile was removed",
        "one that is refused",
    ],
)
def test_an_item_is_known_whatever_happened_to_its_event(
    store: Store, answer: Receipt | RingbackError, logged: list[str]
) -> None:
    """Otherwise it would be sent for ever. It counts as sent only if a webhook is called for it."""
    with capture_logs() as logs:
        assert publish(store, Answers(answer), document(a="")) == PublishedItems(("a",), count=0)
    assert [log["event"] for log in logs] == logged
