"""Feeds that are followed: one event for each new item, never two, whatever becomes of the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from acceptance.feed_server import FeedServer, Page, atom, rss
from running import Customer, Running, wait_until
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Receiver

#: Seconds within which a feed is visited, also when it has just failed, and on a slow machine.
SOON = 120.0
MEGABYTE = 2**20


@dataclass
class Follower:
    """Someone who is subscribed to a feed that can be changed, and is called for its items."""

    customer: Customer
    server: FeedServer
    receiver: Receiver
    name: str
    make: Callable[[Mapping[str, str]], Page]

    @property
    def path(self) -> str:
        """Where the feed is, and where its items are received."""
        return f"/ok/{self.name}"

    def follow(self) -> None:
        """Register both."""
        register = {"action": "feed", "url": self.receiver.url(self.path)}
        self.customer.call("POST", "/api/hook/webhook", register)
        answer = self.customer.call("POST", "/api/feed", {"url": self.server.url(self.path), "type": "rss"})
        assert answer["status"] == "success", answer

    @property
    def state(self) -> dict[str, Any]:
        """What is told of the feed."""
        (feed,) = self.customer.call("GET", "/api/feed")["feeds"]
        return dict(feed)

    def show(self, page: Page) -> None:
        """Have this served from now on."""
        self.server.pages[self.path] = page
        self.server.answered[self.path].clear()

    def wait_for(self, error: str | None = None) -> None:
        """Return when what is shown has been visited, and it is known what came of it."""
        page = self.server.pages[self.path]

        def visited() -> bool:
            return page in self.server.answered[self.path] and self.state["lastError"] == error

        wait_until(visited, SOON, f"visited: {self.name} {self.state}")

    def wait_for_first(self) -> None:
        """Return when the feed has been read."""
        wait_until(lambda: self.state["lastFetched"] is not None, SOON, f"read: {self.name}")

    @property
    def told(self) -> list[str]:
        """The titles of the items that were called out, in order."""
        return [call.json["item"]["title"] for call in self.receiver.calls(self.path)]


Follow = Callable[[str], list[Follower]]


@pytest.fixture(scope="module")
def running(
    empty_databases: Iterator[str], certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Two workers, either of which may come to poll a feed."""
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
def follow(running: Running, server: FeedServer, receiver: Receiver) -> Follow:
    """Makes followers, one of an RSS feed and one of an Atom feed, which have an item and are not read yet."""

    def follow(name: str) -> list[Follower]:
        kinds: dict[str, Callable[[Mapping[str, str]], Page]] = {"rss": rss, "atom": atom}
        followers = [
            Follower(Customer(running), server, receiver, f"{name}-{kind}", make) for kind, make in kinds.items()
        ]
        for follower in followers:
            follower.show(follower.make({"a": "A"}))
            follower.follow()
        return followers

    return follow


def show(followers: list[Follower], items: Mapping[str, str]) -> None:
    """Show these items in every feed, and wait until they have been read."""
    for follower in followers:
        follower.show(follower.make(items))
    for follower in followers:
        follower.wait_for()


def test_each_new_item_is_called_out_once(follow: Follow) -> None:
    """While others are edited, removed and put back, and when the feed has moved."""
    followers = follow("life")
    for follower in followers:
        follower.wait_for_first()
    show(followers, {"b": "B", "a": "A"})
    show(followers, {"b": "B, edited", "a": "A"})
    show(followers, {"a": "A", "b": "B"})
    show(followers, {"a": "A"})
    show(followers, {"b": "B", "a": "A"})
    for follower in followers:
        follower.server.pages["/moved/" + follower.name] = follower.make({"c": "C", "b": "B", "a": "A"})
        follower.show(Page(b"", 301, {"Location": f"/moved/{follower.name}"}))
    for follower in followers:
        follower.receiver.wait_for(follower.path, 2, SOON)
        follower.wait_for()
        assert follower.told == ["B", "C"]


def test_a_fault_in_a_document_makes_no_item_new(follow: Follow) -> None:
    """Each is known by its guid, which reads the same whether its document is well-formed or not."""
    followers = follow("fault")
    for follower in followers:
        follower.wait_for_first()
    old = {f"https://site.example/?a=1&amp;p={number}": str(number) for number in range(10)}
    for items in (old, {"new": "R&D", **old}, {"last": "Last", "new": "R&amp;D", **old}):
        show(followers, items)
    for follower in followers:
        follower.receiver.wait_for(follower.path, len(old) + 2, SOON)
        follower.wait_for()
        assert sorted(follower.told) == sorted([*old.values(), "R&D", "Last"])


TROUBLES = {
    "not_a_feed": Page(b"<!doctype html><html><body><p>Moved.</p></body></html>"),
    "truncated": Page(b"<rss version='2.0'><channel><item><guid>half</guid><title>Half of it"),
    "status_500": Page(b"", 500),
    "too_large": Page(b"", zeros=100 * MEGABYTE),
    "blocked": Page(b"", 302, {"Location": "https://10.0.0.1/"}),
    "redirect": Page(b"", 301, {"Location": "http://127.0.0.1/"}),
}


def test_a_feed_that_is_none_for_a_while_costs_no_item_and_doubles_none(follow: Follow) -> None:
    """All kinds of trouble at once, and the watcher lives."""
    troubled = {error: follow(error) for error in TROUBLES}
    followers = [follower for pair in troubled.values() for follower in pair]
    for follower in followers:
        follower.wait_for_first()
    for error, pair in troubled.items():
        for follower in pair:
            follower.show(TROUBLES[error])
    for error, pair in troubled.items():
        for follower in pair:
            follower.wait_for(error)
    show(followers, {"b": "B", "a": "A"})
    for follower in followers:
        follower.receiver.wait_for(follower.path, 1, SOON)
        assert follower.told == ["B"]
        assert follower.server.sent[follower.path] < 20 * MEGABYTE
