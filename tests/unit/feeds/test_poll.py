"""Watching feeds: one event for each new item, whatever happens to the feed or to the worker."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from doubles import RecordedCalls, RecordedIds
from stores import Store
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.new_delivery import Receipt
from webhooks.errors import OutOfResources, RingbackError, StorageUnavailable
from webhooks.feeds.feed import FeedDocument, FeedError, Item, Poll, PollRequest, TakenPolls
from webhooks.feeds.fetch import MAX_REDIRECTS
from webhooks.feeds.new_items import MAX_BATCH, NewItemPublisher
from webhooks.feeds.poll import FeedPoller
from webhooks.feeds.polling_limits import MAX_IN_FLIGHT, MAX_OF_ACCOUNT, PAUSE_AFTER_SHORTAGE, PollingLimits
from webhooks.http.call import Failure, Outcome
from webhooks.http.shortages import Shortage
from webhooks.store.connection import Client
from webhooks.store.feeds import RedisFeeds
from webhooks_local.fleet import wait_until

INTERVAL = 300.0
PACE = PollingLimits(INTERVAL, timeout=10, reading=20)
LEASE = PACE.lease
URL = "https://feeds.example/"
#: What a process cannot be had to read.
OUT_OF_RESOURCES = b"too much"
#: Stands for what lacks of a feed whose document ends before its end.
CUT_OFF = "cut off"
HOME = "https://news.example/"


class Publishes:
    """Takes events in, unless storage is away before or after: `webhooks.feeds.new_items.Publish`.

    Attributes:
        away: what is away at the next call: `before` or `after` the events are stored.
    """

    def __init__(self, intake: EventIntake) -> None:
        self._publishing = intake
        self.away = ""

    def __call__(self, events: Sequence[object], producer: str) -> Sequence[Receipt | RingbackError]:
        """Pass on."""
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
    """A profile that follows a feed, and a worker that watches it."""

    def __init__(self, redis: Client) -> None:
        self.store = Store(redis)
        self.profile = self.store.account("Acme", feed="https://hooks.example/")
        self.feed_id = self.store.subscribe(self.profile, URL).feed_id
        self.calls = RecordedCalls()
        self.publish_ids = RecordedIds()
        self.publishes = Publishes(EventIntake(self.store.webhooks, self.store.ledger, self.publish_ids))
        self.feed_poller = self.worker()

    def worker(self) -> FeedPoller:
        """Return the use case of a worker that has just started."""
        item_publisher = NewItemPublisher(self.store.feeds, self.publishes)
        return FeedPoller(
            self.store.feeds, self.calls, read, item_publisher, PACE, clock=lambda: self.store.clock() / 1000
        )

    def poll(self, answer: Any, **headers: str) -> None:
        """Visit the feed at its time, and let it answer: an outcome, or what stands in it."""
        self.begin()
        self.end(answer, **headers)

    def begin(self) -> None:
        """Begin to visit it, at the moment when it is due."""
        due = self.store.feed(self.profile).due
        assert due is not None
        self.store.clock.now = max(self.store.clock.now, round(due.timestamp() * 1000))
        assert self.feed_poller.poll_due() == 1

    def end(self, answer: Any, **headers: str) -> None:
        """Let it answer, and wait until it is recorded what came of it."""
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
        """The feed as it stands now."""
        return self.store.feed(self.profile)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were sent, in order."""
        payloads = [
            self.store.redis.hget(f"delivery:{hook_id}", "payload") for hook_id in self.publish_ids.hook_ids
        ]
        return [json.loads(payload) for payload in payloads]

    @property
    def told(self) -> list[str]:
        """The titles of the items that were told of, in order."""
        return [event["item"]["title"] for event in self.events]


@pytest.fixture
def scene(fake_redis: Client) -> Iterator[Scene]:
    scene = Scene(fake_redis)
    yield scene
    scene.feed_poller.close(5)


def test_the_first_visit_only_remembers(scene: Scene) -> None:
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == []
    assert (scene.feed.title, scene.feed.link, scene.feed.error) == ("News", HOME, None)
    assert scene.feed.fetched is not None


def test_a_new_item_is_an_event(scene: Scene) -> None:
    scene.poll({"a": "A"})
    scene.poll({"b": "B", "a": "A"})
    (event,) = scene.events
    del event["created"], event["hookId"]
    assert event == {
        "action": "feed",
        "refId": scene.profile,
        "feedId": scene.feed_id,
        "item": {"title": "B", "link": URL, "guid": "b"},
        "feed": {"id": scene.feed_id, "title": "News", "type": "rss"},
        "code": 200,
    }


@pytest.mark.parametrize(
    "after",
    [
        {"a": "A", "b": "B"},
        {"b": "B, edited", "a": "A"},
        {"a": "A"},
        {},
    ],
    ids=["the order has changed", "an item was edited", "an item was removed", "all were removed"],
)
def test_what_is_not_new_is_no_event(scene: Scene, after: dict[str, str]) -> None:
    """Nor is it when it comes back."""
    scene.poll({"b": "B", "a": "A"})
    scene.poll(after)
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == []


def test_new_items_are_told_of_with_the_oldest_first(scene: Scene) -> None:
    """The newest stands first in a feed."""
    scene.poll({})
    scene.poll({"c": "C", "b": "B", "a": "A"})
    assert scene.told == ["A", "B", "C"]
    scene.poll({"d": "D", "c": "C", "b": "B", "a": "A"})
    assert scene.told == ["A", "B", "C", "D"]


def test_of_very_many_new_items_some_wait_for_the_next_visit(scene: Scene) -> None:
    """Though the feed has not changed then."""
    scene.poll({})
    items = {str(number): f"{number:03}" for number in reversed(range(2 * MAX_BATCH + 1))}
    for count in (MAX_BATCH, 2 * MAX_BATCH, len(items)):
        scene.poll(items, etag='"same"')
        assert sorted(scene.told) == sorted(items.values())[:count]
        scene.begin()
        assert scene.calls.sent[-1].headers.get("If-None-Match") == ('"same"' if count == len(items) else None)
        scene.end(Outcome(500, None, 1))


def test_a_feed_that_has_not_changed_is_not_read(scene: Scene) -> None:
    """By what its server says, or by its body."""
    scene.poll({"a": "A"}, etag='"1"')
    fetched = scene.feed.fetched
    scene.poll(Outcome(304, None, 1))
    assert scene.calls.sent[-1].headers["If-None-Match"] == '"1"'
    assert scene.feed.fetched > fetched
    scene.poll({"a": "A"}, etag='"2"')
    scene.poll(Outcome(304, None, 1))
    assert scene.calls.sent[-1].headers["If-None-Match"] == '"2"'
    assert (scene.feed.title, scene.feed.link, scene.feed.error) == ("News", HOME, None)
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == ["B"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (b"<html>", "not_a_feed"),
        (Outcome(500, None, 1), "status_500"),
        (Outcome(None, Failure.CONNECT, 1), "connect"),
    ],
    ids=["HTML", "500", "out of reach"],
)
def test_a_feed_in_trouble_says_so_and_is_as_it_was_afterwards(scene: Scene, error: Any, word: str) -> None:
    scene.poll({"a": "A"})
    scene.poll(error)
    assert (scene.feed.error, scene.feed.title) == (word, "News")
    scene.poll({"b": "B", "a": "A"})
    assert scene.feed.error is None
    assert scene.told == ["B"]


def test_a_feed_that_has_never_been_read_remembers_at_the_first_success(scene: Scene) -> None:
    scene.poll(b"<html>")
    scene.poll({"a": "A"})
    assert scene.told == []
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == ["B"]


def test_of_a_feed_that_is_cut_off_the_items_that_ended_are_told_of(scene: Scene) -> None:
    """Each once, and the others as soon as it is whole, though it is what was there before the cut."""
    scene.poll({"b": "B", "a": "A"}, etag='"1"')
    fetched = scene.feed.fetched
    for _ in range(2):
        scene.poll({"d": "D", CUT_OFF: ""}, etag='"2"')
        assert scene.told == ["D"]
        assert (scene.feed.error, scene.feed.fetched) == ("truncated", fetched)
    scene.poll({"d": "D", "c": "C", "b": "B", "a": "A"}, etag='"2"')
    assert scene.calls.sent[-1].headers["If-None-Match"] == '"1"'
    assert scene.told == ["D", "C"]
    assert scene.feed.error is None


def test_of_a_feed_that_is_cut_off_at_its_first_visit_nothing_is_remembered(scene: Scene) -> None:
    """Else all that lacks would be new at the next."""
    scene.poll({"b": "B", CUT_OFF: ""})
    assert (scene.feed.error, scene.feed.fetched) == ("truncated", None)
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == []
    scene.poll({"c": "C", "b": "B", "a": "A"})
    assert scene.told == ["C"]


def test_a_feed_that_fails_is_visited_ever_less_often(scene: Scene) -> None:
    scene.poll({})
    pauses = []
    for _ in range(4):
        scene.poll(Outcome(500, None, 1))
        pauses.append(scene.feed.due.timestamp() - scene.store.clock() / 1000)
    assert pauses == pytest.approx([600, 1_200, 2_400, 4_800], abs=0.01)


def test_a_worker_that_died_before_it_sent_anything_loses_nothing(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.clock.advance(LEASE)
    assert scene.worker().poll_due() == 1
    scene.end({"a": "A"})
    assert scene.told == ["A"]


@pytest.mark.parametrize("away", ["before", "after"])
def test_an_item_is_told_of_once_however_a_visit_ends(scene: Scene, away: str) -> None:
    """Sent but not remembered, it is known by its idempotency key; also when it has been edited meanwhile."""
    scene.poll({})
    scene.publishes.away = away
    scene.begin()
    scene.answer({"b": "B", "a": "A"})
    wait_until(lambda: scene.publishes.away == "", 60, "published")
    assert scene.feed.due is None
    scene.store.clock.advance(LEASE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"c": "C", "b": "B", "a": "A, edited"})
    assert sorted(scene.told) == (["A, edited", "B", "C"] if away == "before" else ["A", "B", "C"])
    scene.poll({"c": "C", "b": "B, edited", "a": "A"})
    assert len(scene.told) == 3


def test_a_visit_whose_lease_is_over_changes_nothing_and_doubles_nothing(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.clock.advance(LEASE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"a": "A"})
    due = scene.feed.due
    scene.calls.end(Outcome(200, None, 1, body=b'{"a": "A"}'), which=-2)
    scene.poll({"b": "B", "a": "A"})
    assert scene.feed.due > due
    assert sorted(scene.told) == ["A", "B"]


def test_while_nobody_would_be_called_a_feed_is_not_fetched(scene: Scene) -> None:
    """Whoever registers a webhook later is told of what is new after the next visit."""
    scene.poll({})
    calls = len(scene.calls.sent)
    scene.store.webhooks.remove(scene.profile, "feed")
    for _ in range(3):
        scene.store.clock.advance(INTERVAL * 3 / 2)
        assert scene.feed_poller.poll_due() == 0
    assert len(scene.calls.sent) == calls
    scene.store.register(scene.profile, "feed", "https://hooks.example/")
    scene.poll({"a": "A"})
    assert scene.told == []
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == ["B"]


def test_an_item_that_nobody_wants_when_it_is_found_is_known_all_the_same(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.webhooks.remove(scene.profile, "feed")
    scene.end({"a": "A"})
    scene.store.register(scene.profile, "feed", "https://hooks.example/")
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == ["B"]


def test_a_feed_that_was_removed_while_it_was_fetched_stays_removed(scene: Scene) -> None:
    """And what was known of its items is not new because nobody knows it any more."""
    scene.poll({"a": "A"})
    scene.begin()
    scene.store.feeds.remove(scene.profile, scene.feed_id)
    other = scene.store.subscribe(scene.profile, URL)
    scene.answer({"a": "A, edited"})
    scene.poll({"a": "A"})
    assert (scene.feed.feed_id, scene.feed.title) == (other.feed_id, "News")
    assert scene.told == []


def test_a_feed_that_cannot_be_taken_in_ends_nobody_elses_watch(scene: Scene) -> None:
    """Its lease runs out, and the thread lives."""
    scene.begin()
    scene.answer(b"neither JSON nor HTML")
    scene.store.subscribe(scene.profile, "https://other.example/")
    assert scene.feed_poller.poll_due() == 1
    scene.answer({"a": "A"})
    feeds = scene.store.feeds.all_of
    wait_until(lambda: {feed.title for feed in feeds(scene.profile)} == {None, "News"}, 60, "read the other")


def test_a_feed_whose_url_cannot_be_called_keeps_no_other_from_it(scene: Scene) -> None:
    """Following refuses such a URL, but somebody may have written to Redis by hand."""

    class Refusing(RecordedCalls):
        def send(self, call: Any, on_end: Any) -> None:
            if call.url == URL:
                raise UnicodeError
            super().send(call, on_end)

    scene.calls = Refusing()
    scene.feed_poller.close(5)
    scene.feed_poller = scene.worker()
    scene.store.subscribe(scene.profile, "https://other.example/")
    assert scene.feed_poller.poll_due() == 2
    assert [call.url for call in scene.calls.sent] == ["https://other.example/"]


def follow_many(scene: Scene, count: int) -> list[str]:
    """Have so many accounts follow a feed each; returns them."""
    accounts = [scene.store.account(feed="https://hooks.example/") for _ in range(count)]
    for account in accounts:
        scene.store.subscribe(account, URL)
    return accounts


def test_no_more_feeds_are_under_way_than_there_are_places(scene: Scene) -> None:
    follow_many(scene, MAX_IN_FLIGHT)
    assert scene.feed_poller.poll_due() == MAX_IN_FLIGHT
    assert scene.feed_poller.poll_due() == 0
    scene.answer({})
    scene.calls.wait_for(MAX_IN_FLIGHT + 1)
    assert scene.feed_poller.poll_due() == 0


def test_an_account_whose_feeds_hang_leaves_places_for_others(scene: Scene) -> None:
    """Also when it has been served before, and one of its own that ends makes place for another of it."""
    for number in range(MAX_IN_FLIGHT):
        scene.store.subscribe(scene.profile, f"{URL}{number}")
    assert scene.feed_poller.poll_due() == MAX_OF_ACCOUNT
    follow_many(scene, 2)
    assert scene.feed_poller.poll_due() == 2
    assert scene.feed_poller.poll_due() == 0
    scene.calls.end(Outcome(500, None, 1), which=0)
    scene.calls.wait_for(MAX_OF_ACCOUNT + 3)
    assert scene.feed_poller.poll_due() == 0


def test_while_feeds_are_due_each_that_ends_makes_place_for_another(scene: Scene) -> None:
    """However many there are, they do not wait for the next second's look."""
    accounts = follow_many(scene, 2 * MAX_IN_FLIGHT)
    scene.feed_poller.poll_due()
    for number in range(2 * MAX_IN_FLIGHT + 1):
        scene.calls.wait_for(number + 1)
        scene.calls.end(Outcome(500, None, 1), which=number)
    feed = scene.store.feed
    wait_until(lambda: {feed(account).error for account in accounts} == {"status_500"}, 60, "visited all")


def test_an_answer_that_waited_longer_than_its_lease_is_not_read(scene: Scene) -> None:
    """Somebody else may be reading it; and its place is free again."""
    scene.begin()
    scene.store.clock.advance(LEASE)
    with capture_logs() as logs:
        scene.answer({"a": "A"})
        wait_until(lambda: bool(logs), 60, "dropped")
    assert [log["event"] for log in logs] == ["feed.lease_outlived"]
    assert scene.feed.fetched is None
    wait_until(lambda: scene.feed_poller.poll_due() == 1, 60, "begun again")
    scene.end({"a": "A"})
    assert scene.feed.title == "News"


def test_a_lease_outlives_all_that_its_visit_may_wait_for() -> None:
    """Every redirect to its deadline, and then each feed that is under way, read to its own."""
    assert (1 + MAX_REDIRECTS) * PACE.timeout + MAX_IN_FLIGHT * PACE.reading < PACE.lease


def test_feeds_that_could_not_be_taken_are_taken_at_the_next_look(scene: Scene) -> None:
    """The thread that reads does not end by that."""

    class Away(RedisFeeds):
        looks = 0

        def take(self, look: PollRequest) -> TakenPolls:
            self.looks += 1
            if self.looks == 2:
                raise RuntimeError("whatever it is")
            return super().take(look)

    scene.feed_poller.close(5)
    feeds = scene.store.feeds = Away(scene.store.redis, scene.store.clock)
    scene.feed_poller = scene.worker()
    accounts = [scene.profile, *follow_many(scene, MAX_IN_FLIGHT)]
    scene.feed_poller.poll_due()
    scene.answer({})
    wait_until(lambda: feeds.looks == 2, 60, "a look in vain")
    wait_until(lambda: scene.feed_poller.poll_due() == 1, 60, "a look that finds it")
    scene.answer({})
    feed = scene.store.feed
    wait_until(lambda: [feed(account).title for account in accounts].count("News") == 2, 60, "read both")


def test_a_worker_that_is_told_to_stop_begins_no_visit_and_ends_those_under_way(scene: Scene) -> None:
    """As long as it lives, though more are due."""
    follow_many(scene, MAX_IN_FLIGHT)
    scene.feed_poller.poll_due()
    calls = len(scene.calls.sent)
    scene.feed_poller.stop()
    with capture_logs() as logs:
        scene.answer({})
        wait_until(lambda: bool(logs), 60, "recorded")
    scene.feed_poller.close(5)
    assert [log["event"] for log in logs] == ["feed.polled"]
    assert len(scene.calls.sent) == calls


def test_a_worker_that_stops_gives_back_what_it_has_under_way(scene: Scene) -> None:
    """Another worker need not wait until the leases have run out; what comes late changes nothing."""
    scene.poll({})
    scene.begin()
    scene.feed_poller.close(5)
    scene.feed_poller = scene.worker()
    assert scene.feed_poller.poll_due() == 1
    scene.end({"a": "A"})
    assert scene.told == ["A"]


def test_a_worker_stops_though_storage_is_away(scene: Scene) -> None:
    class Away(RedisFeeds):
        def give_back(self, polls: Collection[Poll]) -> None:  # noqa: ARG002  the port's signature
            raise StorageUnavailable

    scene.feed_poller.close(5)
    scene.store.feeds = Away(scene.store.redis, scene.store.clock)
    scene.feed_poller = scene.worker()
    scene.begin()
    scene.feed_poller.close(5)
    assert scene.feed.due is None


def test_a_worker_that_has_stopped_begins_no_visit(scene: Scene) -> None:
    scene.feed_poller.close(5)
    assert scene.feed_poller.poll_due() == 0
    assert scene.calls.sent == []


@pytest.mark.parametrize("answer", [Shortage("EMFILE"), OUT_OF_RESOURCES])
def test_a_feed_that_we_had_no_means_to_fetch_or_read_has_not_failed(scene: Scene, answer: object) -> None:
    scene.poll({"a": "A"})
    scene.poll(answer)
    assert scene.feed.error is None
    assert scene.feed_poller.poll_due() == 0  # it rests, though the feed is due again
    scene.store.clock.advance(PAUSE_AFTER_SHORTAGE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"b": "B", "a": "A"})
    assert scene.told == ["B"]
