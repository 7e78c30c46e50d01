"""Polls that fail, are interrupted, or find the feed removed."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import RecordedCalls
from unit.feeds.poll_scene import (
    INTERVAL,
    LEASE,
    URL,
    Scene,
)
from webhooks.http.call import Outcome
from webhooks_local.fleet import wait_until


def test_a_feed_that_fails_is_polled_ever_less_often(scene: Scene) -> None:
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
def test_an_item_is_published_once_however_a_poll_ends(scene: Scene, away: str) -> None:
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


def test_a_poll_whose_lease_is_over_changes_nothing_and_doubles_nothing(scene: Scene) -> None:
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


def test_while_no_one_would_be_called_a_feed_is_not_fetched(scene: Scene) -> None:
    """A caller that registers a webhook later is told of what is new after the next poll."""
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


def test_an_item_that_no_one_wants_when_it_is_found_is_known_all_the_same(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.webhooks.remove(scene.profile, "feed")
    scene.end({"a": "A"})
    scene.store.register(scene.profile, "feed", "https://hooks.example/")
    scene.poll({"b": "B", "a": "A"})
    assert scene.told == ["B"]


def test_a_feed_that_was_removed_while_it_was_fetched_stays_removed(scene: Scene) -> None:
    """And what was known of its items is not new because no one knows it any more."""
    scene.poll({"a": "A"})
    scene.begin()
    scene.store.feeds.remove(scene.profile, scene.feed_id)
    other = scene.store.subscribe(scene.profile, URL)
    scene.answer({"a": "A, edited"})
    scene.poll({"a": "A"})
    assert (scene.feed.feed_id, scene.feed.title) == (other.feed_id, "News")
    assert scene.told == []


def test_a_feed_that_cannot_be_taken_in_ends_no_others_watch(scene: Scene) -> None:
    """Its lease runs out, and the thread lives."""
    scene.begin()
    scene.answer(b"neither JSON nor HTML")
    scene.store.subscribe(scene.profile, "https://other.example/")
    assert scene.feed_poller.poll_due() == 1
    scene.answer({"a": "A"})
    feeds = scene.store.feeds.all_of
    wait_until(lambda: {feed.title for feed in feeds(scene.profile)} == {None, "News"}, 60, "read the other")


def test_a_feed_whose_url_cannot_be_called_keeps_no_other_from_it(scene: Scene) -> None:
    """Following refuses such a URL, but someone may have written to Redis by hand."""

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
