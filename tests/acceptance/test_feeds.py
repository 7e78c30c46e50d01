"""Feeds with subscriptions: one event for each new item, whatever happens to the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from acceptance.feed_server import FeedServer, Page, atom, rss
from running import Customer, Running, wait_until
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Receiver

#: Seconds until a feed is polled, even after a failure and on a slow machine.
SOON = 120.0
MEGABYTE = 2**20


@dataclass
class FeedScene:
    """A customer with a subscription to a feed that a test can change, and a receiver for its items."""

    customer: Customer
    server: FeedServer
    receiver: Receiver
    name: str
    make: Callable[[Mapping[str, str]], Page]

    @property
    def path(self) -> str:
        """The path of the feed, and of the receiver of its items."""
        return f"/ok/{self.name}"

    def subscribe(self) -> None:
        """Register the webhook, and subscribe to the feed."""
        register = {"action": "feed", "url": self.receiver.url(self.path)}
        self.customer.call("POST", "/api/hook/webhook", register)
        answer = self.customer.call("POST", "/api/feed", {"url": self.server.url(self.path), "type": "rss"})
        assert answer["status"] == "success", answer

    @property
    def state(self) -> dict[str, Any]:
        """The feed as the API shows it."""
        (feed,) = self.customer.call("GET", "/api/feed")["feeds"]
        return dict(feed)

    def show(self, page: Page) -> None:
        """Serve this page from now on."""
        self.server.pages[self.path] = page
        self.server.answered[self.path].clear()

    def wait_for(self, error: str | None = None) -> None:
        """Wait until the current page was polled, and the result is shown."""
        page = self.server.pages[self.path]

        def polled() -> bool:
            return page in self.server.answered[self.path] and self.state["lastError"] == error

        wait_until(polled, SOON, f"polled: {self.name} {self.state}")

    def wait_for_first(self) -> None:
        """Wait until the feed was read for the first time."""
        wait_until(lambda: self.state["lastFetched"] is not None, SOON, f"read: {self.name}")

    @property
    def delivered(self) -> list[str]:
        """The titles of the delivered items, in order."""
        return [call.json["item"]["title"] for call in self.receiver.calls(self.path)]


Subscribe = Callable[[str], list[FeedScene]]


@pytest.fixture(scope="module")
def running(
    empty_databases: Iterator[str], certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Two workers, either of which may poll a feed."""
    logs, processes = tmp_path_factory.mktemp("feeds"), ("web", "worker", "worker-2", "beat")
    url = next(empty_databases)
    with Running(url, certificates.authority, logs, processes, WEBHOOKS_FEED_INTERVAL="1") as running:
        yield running
        assert all("Traceback" not in running.log(name) for name in processes)


@pytest.fixture
def server(certificates: Certificates) -> Iterator[FeedServer]:
    with FeedServer(certificates.receiver) as server:
        yield server


@pytest.fixture
def subscribe(running: Running, server: FeedServer, receiver: Receiver) -> Subscribe:
    """Makes a subscription to an RSS feed and to an Atom feed, with one item each, which are not polled yet."""

    def subscribe(name: str) -> list[FeedScene]:
        kinds: dict[str, Callable[[Mapping[str, str]], Page]] = {"rss": rss, "atom": atom}
        scenes = [
            FeedScene(Customer(running), server, receiver, f"{name}-{kind}", make) for kind, make in kinds.items()
        ]
        for scene in scenes:
            scene.show(scene.make({"a": "A"}))
            scene.subscribe()
        return scenes

    return subscribe


def show(scenes: list[FeedScene], items: Mapping[str, str]) -> None:
    """Serve these items in every feed, and wait until they have been read."""
    for scene in scenes:
        scene.show(scene.make(items))
    for scene in scenes:
        scene.wait_for()


def test_each_new_item_is_delivered_once(subscribe: Subscribe) -> None:
    """Other items are edited, removed and put back meanwhile, and the feeds move."""
    scenes = subscribe("life")
    for scene in scenes:
        scene.wait_for_first()
    show(scenes, {"b": "B", "a": "A"})
    show(scenes, {"b": "B, edited", "a": "A"})
    show(scenes, {"a": "A", "b": "B"})
    show(scenes, {"a": "A"})
    show(scenes, {"b": "B", "a": "A"})
    for scene in scenes:
        scene.server.pages["/moved/" + scene.name] = scene.make({"c": "C", "b": "B", "a": "A"})
        scene.show(Page(b"", 301, {"Location": f"/moved/{scene.name}"}))
    for scene in scenes:
        scene.receiver.wait_for(scene.path, 2, SOON)
        scene.wait_for()
        assert scene.delivered == ["B", "C"]


def test_a_malformed_document_makes_no_item_new(subscribe: Subscribe) -> None:
    """An item is recognized by its guid, which is the same in a malformed document."""
    scenes = subscribe("fault")
    for scene in scenes:
        scene.wait_for_first()
    old = {f"https://site.example/?a=1&amp;p={number}": str(number) for number in range(10)}
    for items in (old, {"new": "R&D", **old}, {"last": "Last", "new": "R&amp;D", **old}):
        show(scenes, items)
    for scene in scenes:
        scene.receiver.wait_for(scene.path, len(old) + 2, SOON)
        scene.wait_for()
        assert sorted(scene.delivered) == sorted([*old.values(), "R&D", "Last"])


TROUBLES = {
    "not_a_feed": Page(b"<!doctype html><html><body><p>Moved.</p></body></html>"),
    "truncated": Page(b"<rss version='2.0'><channel><item><guid>half</guid><title>Half of it"),
    "status_500": Page(b"", 500),
    "too_large": Page(b"", zeros=100 * MEGABYTE),
    "blocked": Page(b"", 302, {"Location": "https://10.0.0.1/"}),
    "redirect": Page(b"", 301, {"Location": "http://127.0.0.1/"}),
}


def test_an_unreadable_feed_loses_no_item_and_repeats_none(subscribe: Subscribe) -> None:
    """The poller survives all kinds of trouble at once."""
    troubled = {error: subscribe(error) for error in TROUBLES}
    scenes = [scene for pair in troubled.values() for scene in pair]
    for scene in scenes:
        scene.wait_for_first()
    for error, pair in troubled.items():
        for scene in pair:
            scene.show(TROUBLES[error])
    for error, pair in troubled.items():
        for scene in pair:
            scene.wait_for(error)
    show(scenes, {"b": "B", "a": "A"})
    for scene in scenes:
        scene.receiver.wait_for(scene.path, 1, SOON)
        assert scene.delivered == ["B"]
        assert scene.server.sent[scene.path] < 20 * MEGABYTE
