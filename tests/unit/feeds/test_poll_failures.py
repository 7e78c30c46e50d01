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


def test_a_failing_feed_is_polled_less_and_less_often(scene: Scene) -> None:
    scene.poll({})
    pauses = []
    for _ in range(4):
        scene.poll(Outcome(500, None, 1))
        pauses.append(scene.feed.due.timestamp() - scene.store.clock() / 1000)
    assert pauses == pytest.approx([600, 1_200, 2_400, 4_800], abs=0.01)


def test_a_worker_that_dies_before_sending_loses_no_item(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.clock.advance(LEASE)
    assert scene.worker().poll_due() == 1
    scene.end({"a": "A"})
    assert scene.published == ["A"]


@pytest.mark.parametrize("away", ["before", "after"])
def test_an_item_is_published_once_however_a_poll_ends(scene: Scene, away: str) -> None:
    """If it was sent but not stored, its idempotency key prevents a second event, even after an edit."""
    scene.poll({})
    scene.publish.away = away
    scene.begin()
    scene.answer({"b": "B", "a": "A"})
    wait_until(lambda: scene.publish.away == "", 60, "published")
    assert scene.feed.due is None
    scene.store.clock.advance(LEASE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"c": "C", "b": "B", "a": "A, edited"})
    assert sorted(scene.published) == (["A, edited", "B", "C"] if away == "before" else ["A", "B", "C"])
    scene.poll({"c": "C", "b": "B, edited", "a": "A"})
    assert len(scene.published) == 3


def test_a_poll_without_its_lease_changes_and_repeats_nothing(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.clock.advance(LEASE)
    assert scene.feed_poller.poll_due() == 1
    scene.end({"a": "A"})
    due = scene.feed.due
    scene.calls.end(Outcome(200, None, 1, body=b'{"a": "A"}'), which=-2)
    scene.poll({"b": "B", "a": "A"})
    assert scene.feed.due > due
    assert sorted(scene.published) == ["A", "B"]


def test_a_feed_without_a_webhook_is_not_fetched(scene: Scene) -> None:
    """A webhook that is registered later gets the items that are new after the next poll."""
    scene.poll({})
    calls = len(scene.calls.sent)
    scene.store.webhooks.remove(scene.profile, "feed")
    for _ in range(3):
        scene.store.clock.advance(INTERVAL * 3 / 2)
        assert scene.feed_poller.poll_due() == 0
    assert len(scene.calls.sent) == calls
    scene.store.register(scene.profile, "feed", "https://hooks.example/")
    scene.poll({"a": "A"})
    assert scene.published == []
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == ["B"]


def test_an_item_found_without_a_webhook_is_known(scene: Scene) -> None:
    scene.poll({})
    scene.begin()
    scene.store.webhooks.remove(scene.profile, "feed")
    scene.end({"a": "A"})
    scene.store.register(scene.profile, "feed", "https://hooks.example/")
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == ["B"]


def test_a_feed_removed_during_its_poll_stays_removed(scene: Scene) -> None:
    """Its known items do not become new by that."""
    scene.poll({"a": "A"})
    scene.begin()
    scene.store.feeds.remove(scene.profile, scene.feed_id)
    other = scene.store.subscribe(scene.profile, URL)
    scene.answer({"a": "A, edited"})
    scene.poll({"a": "A"})
    assert (scene.feed.feed_id, scene.feed.title) == (other.feed_id, "News")
    assert scene.published == []


def test_an_unreadable_feed_record_does_not_stop_other_polls(scene: Scene) -> None:
    """Its lease expires, and the thread continues."""
    scene.begin()
    scene.answer(b"neither JSON nor HTML")
    scene.store.subscribe(scene.profile, "https://other.example/")
    assert scene.feed_poller.poll_due() == 1
    scene.answer({"a": "A"})
    feeds = scene.store.feeds.all_of
    wait_until(lambda: {feed.title for feed in feeds(scene.profile)} == {None, "News"}, 60, "read the other")


def test_a_feed_with_an_impossible_url_does_not_stop_others(scene: Scene) -> None:
    """Subscribing refuses such a URL, but it may be in Redis after a manual change."""

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
