"""How many feeds are polled concurrently, and how polling stops."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from structlog.testing import capture_logs

from unit.feeds.poll_scene import (
    LEASE,
    OUT_OF_RESOURCES,
    PACE,
    URL,
    Scene,
    subscribe_many,
)
from webhooks.errors import StorageUnavailable
from webhooks.feeds.feed import Poll, PollRequest, TakenPolls
from webhooks.feeds.fetch import MAX_REDIRECTS
from webhooks.feeds.polling_limits import MAX_IN_FLIGHT, MAX_OF_ACCOUNT, PAUSE_AFTER_SHORTAGE
from webhooks.http.call import Outcome
from webhooks.http.shortages import Shortage
from webhooks.store.feeds import RedisFeeds
from webhooks_local.fleet import wait_until


def test_polls_in_flight_never_exceed_the_slots(scene: Scene) -> None:
    subscribe_many(scene, MAX_IN_FLIGHT)
    assert scene.feed_poller.poll_due() == MAX_IN_FLIGHT
    assert scene.feed_poller.poll_due() == 0
    scene.answer({})
    scene.calls.wait_for(MAX_IN_FLIGHT + 1)
    assert scene.feed_poller.poll_due() == 0


def test_an_account_with_unresponsive_feeds_leaves_slots_for_others(scene: Scene) -> None:
    """Also if it was served before, and one of its own polls ends."""
    for number in range(MAX_IN_FLIGHT):
        scene.store.subscribe(scene.profile, f"{URL}{number}")
    assert scene.feed_poller.poll_due() == MAX_OF_ACCOUNT
    subscribe_many(scene, 2)
    assert scene.feed_poller.poll_due() == 2
    assert scene.feed_poller.poll_due() == 0
    scene.calls.end(Outcome(500, None, 1), which=0)
    scene.calls.wait_for(MAX_OF_ACCOUNT + 3)
    assert scene.feed_poller.poll_due() == 0


def test_each_ended_poll_makes_room_for_the_next_due_feed(scene: Scene) -> None:
    """However many there are, they do not wait for the look of the next second."""
    accounts = subscribe_many(scene, 2 * MAX_IN_FLIGHT)
    scene.feed_poller.poll_due()
    for number in range(2 * MAX_IN_FLIGHT + 1):
        scene.calls.wait_for(number + 1)
        scene.calls.end(Outcome(500, None, 1), which=number)
    feed = scene.store.feed
    wait_until(lambda: {feed(account).error for account in accounts} == {"status_500"}, 60, "visited all")


def test_an_answer_older_than_its_lease_is_not_read(scene: Scene) -> None:
    """Another worker may be reading it, and its slot is free again."""
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


def test_a_lease_outlives_the_longest_poll() -> None:
    """Each redirect takes up to its timeout, and each feed in flight is then read up to its own."""
    assert (1 + MAX_REDIRECTS) * PACE.timeout + MAX_IN_FLIGHT * PACE.reading < PACE.lease


def test_feeds_that_could_not_be_claimed_are_claimed_later(scene: Scene) -> None:
    """The reading thread continues."""

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
    accounts = [scene.profile, *subscribe_many(scene, MAX_IN_FLIGHT)]
    scene.feed_poller.poll_due()
    scene.answer({})
    wait_until(lambda: feeds.looks == 2, 60, "a look in vain")
    wait_until(lambda: scene.feed_poller.poll_due() == 1, 60, "a look that finds it")
    scene.answer({})
    feed = scene.store.feed
    wait_until(lambda: [feed(account).title for account in accounts].count("News") == 2, 60, "read both")


def test_a_worker_that_must_stop_finishes_its_polls_and_starts_none(scene: Scene) -> None:
    """Otherwise it would continue as long as more feeds are due."""
    subscribe_many(scene, MAX_IN_FLIGHT)
    scene.feed_poller.poll_due()
    calls = len(scene.calls.sent)
    scene.feed_poller.stop()
    with capture_logs() as logs:
        scene.answer({})
        wait_until(lambda: bool(logs), 60, "recorded")
    scene.feed_poller.close(5)
    assert [log["event"] for log in logs] == ["feed.polled"]
    assert len(scene.calls.sent) == calls


def test_a_stopping_worker_gives_its_polls_back(scene: Scene) -> None:
    """Another worker need not wait for the leases to expire, and a late answer changes nothing."""
    scene.poll({})
    scene.begin()
    scene.feed_poller.close(5)
    scene.feed_poller = scene.worker()
    assert scene.feed_poller.poll_due() == 1
    scene.end({"a": "A"})
    assert scene.published == ["A"]


def test_a_worker_stops_without_storage(scene: Scene) -> None:
    class Away(RedisFeeds):
        def give_back(self, polls: Collection[Poll]) -> None:  # noqa: ARG002  the port's signature
            raise StorageUnavailable

    scene.feed_poller.close(5)
    scene.store.feeds = Away(scene.store.redis, scene.store.clock)
    scene.feed_poller = scene.worker()
    scene.begin()
    scene.feed_poller.close(5)
    assert scene.feed.due is None


def test_a_stopped_worker_starts_no_poll(scene: Scene) -> None:
    scene.feed_poller.close(5)
    assert scene.feed_poller.poll_due() == 0
    assert scene.calls.sent == []


@pytest.mark.parametrize("answer", [Shortage("EMFILE"), OUT_OF_RESOURCES])
def test_a_local_shortage_does_not_count_as_a_failed_poll(scene: Scene, answer: object) -> None:
    scene.poll({"a": "A"})
    scene.poll(answer)
    assert scene.feed.error is None
    assert scene.feed_poller.poll_due() == 0  # it is idle, although the feed is due again
    scene.store.clock.advance(PAUSE_AFTER_SHORTAGE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"b": "B", "a": "A"})
    assert scene.published == ["B"]
