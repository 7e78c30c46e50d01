"""A profile with a feed, and a poller that calls a scripted server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from doubles import RecordedCalls, RecordedIds
from stores import Store
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.new_delivery import Receipt
from webhooks.errors import OutOfResources, RingbackError, StorageUnavailable
from webhooks.feeds.feed import FeedDocument, FeedError, Item
from webhooks.feeds.new_items import NewItemPublisher
from webhooks.feeds.poll import FeedPoller
from webhooks.feeds.polling_limits import PollingLimits
from webhooks.http.call import Outcome
from webhooks.http.shortages import Shortage
from webhooks.store.connection import Client
from webhooks_local.fleet import wait_until

INTERVAL = 300.0


PACE = PollingLimits(INTERVAL, timeout=10, reading=20)


LEASE = PACE.lease


URL = "https://feeds.example/"


#: Stands for a document that the reading process cannot read.
OUT_OF_RESOURCES = b"too much"


#: Stands for the missing part of a truncated document.
CUT_OFF = "cut off"


HOME = "https://news.example/"


class PublishWithOutages:
    """Accepts events, unless storage is away before or after: `webhooks.feeds.new_items.Publish`.

    Attributes:
        away: when the next call fails: `before` or `after` the events are stored.
    """

    def __init__(self, intake: EventIntake) -> None:
        self._publishing = intake
        self.away = ""

    def __call__(self, events: Sequence[object], producer: str) -> Sequence[Receipt | RingbackError]:
        """Forward the call."""
        away, self.away = self.away, ""
        if away == "before":
            raise StorageUnavailable
        published = self._publishing.accept(events, producer)
        if away == "after":
            raise StorageUnavailable
        return published


def read(body: bytes, content_type: str, url: str) -> FeedDocument:  # noqa: ARG001  the port's signature
    """Read a feed that is a JSON object of titles by key, the newest first: `webhooks.feeds.poll.Read`."""
    if body.startswith(b"<"):
        raise FeedError("not_a_feed")
    if body == OUT_OF_RESOURCES:
        raise OutOfResources
    titles: dict[str, str] = json.loads(body)
    is_whole = titles.pop(CUT_OFF, None) is None
    items = (Item(key, title, URL, "", "", "", key) for key, title in titles.items())
    return FeedDocument("News", tuple(items), is_whole, HOME)


class Scene:
    """A profile with a subscription to a feed, and a worker that polls it."""

    def __init__(self, redis: Client) -> None:
        self.store = Store(redis)
        self.profile = self.store.account("Acme", feed="https://hooks.example/")
        self.feed_id = self.store.subscribe(self.profile, URL).feed_id
        self.calls = RecordedCalls()
        self.publish_ids = RecordedIds()
        self.publish = PublishWithOutages(EventIntake(self.store.webhooks, self.store.ledger, self.publish_ids))
        self.feed_poller = self.worker()

    def worker(self) -> FeedPoller:
        """Return the use case of a worker that has just started."""
        item_publisher = NewItemPublisher(self.store.feeds, self.publish)
        return FeedPoller(
            self.store.feeds, self.calls, read, item_publisher, PACE, clock=lambda: self.store.clock() / 1000
        )

    def poll(self, answer: Any, **headers: str) -> None:
        """Poll the feed when it is due, and let it answer: with an outcome, or with these items."""
        self.begin()
        self.end(answer, **headers)

    def begin(self) -> None:
        """Start to poll it when it is due."""
        due = self.store.feed(self.profile).due
        assert due is not None
        self.store.clock.now = max(self.store.clock.now, round(due.timestamp() * 1000))
        assert self.feed_poller.poll_due() == 1

    def end(self, answer: Any, **headers: str) -> None:
        """Let it answer, and wait until the result is recorded."""
        self.answer(answer, **headers)
        wait_until(lambda: self.feed.due is not None, 60, "recorded")

    def answer(self, answer: Any, **headers: str) -> None:
        """Let it answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(answer, Outcome | Shortage):
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            answer = Outcome(200, None, 1, body=body, headers=named)
        self.calls.end(answer)

    @property
    def feed(self) -> Any:
        """The current feed."""
        return self.store.feed(self.profile)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were sent, in order."""
        payloads = [
            self.store.redis.hget(f"delivery:{hook_id}", "payload") for hook_id in self.publish_ids.hook_ids
        ]
        return [json.loads(payload) for payload in payloads]

    @property
    def published(self) -> list[str]:
        """The titles of the items that became events, in order."""
        return [event["item"]["title"] for event in self.events]


def subscribe_many(scene: Scene, count: int) -> list[str]:
    """Subscribe this many accounts to a feed each; returns them."""
    accounts = [scene.store.account(feed="https://hooks.example/") for _ in range(count)]
    for account in accounts:
        scene.store.subscribe(account, URL)
    return accounts
