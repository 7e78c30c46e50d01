"""Polling a feed: each new item becomes one event."""

from __future__ import annotations

from typing import Any

import pytest

from unit.feeds.poll_scene import (
    CUT_OFF,
    HOME,
    URL,
    Scene,
)
from webhooks.feeds.new_items import MAX_BATCH
from webhooks.http.call import Failure, Outcome


def test_the_first_poll_only_stores_the_known_items(scene: Scene) -> None:
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == []
    assert (scene.feed.title, scene.feed.link, scene.feed.error) == ("News", HOME, None)
    assert scene.feed.fetched is not None


def test_a_new_item_becomes_an_event(scene: Scene) -> None:
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
def test_a_known_item_becomes_no_event(scene: Scene, after: dict[str, str]) -> None:
    """Nor does one that comes back."""
    scene.poll({"b": "B", "a": "A"})
    scene.poll(after)
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == []


def test_new_items_are_published_with_the_oldest_first(scene: Scene) -> None:
    """A feed has the newest item first."""
    scene.poll({})
    scene.poll({"c": "C", "b": "B", "a": "A"})
    assert scene.published == ["A", "B", "C"]
    scene.poll({"d": "D", "c": "C", "b": "B", "a": "A"})
    assert scene.published == ["A", "B", "C", "D"]


def test_some_of_very_many_new_items_wait_for_the_next_poll(scene: Scene) -> None:
    """Although the feed has not changed since."""
    scene.poll({})
    items = {str(number): f"{number:03}" for number in reversed(range(2 * MAX_BATCH + 1))}
    for count in (MAX_BATCH, 2 * MAX_BATCH, len(items)):
        scene.poll(items, etag='"same"')
        assert sorted(scene.published) == sorted(items.values())[:count]
        scene.begin()
        assert scene.calls.sent[-1].headers.get("If-None-Match") == ('"same"' if count == len(items) else None)
        scene.end(Outcome(500, None, 1))


def test_a_feed_that_has_not_changed_is_not_read(scene: Scene) -> None:
    """By the status of its server, or by its body."""
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
    assert scene.published == ["B"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (b"<html>", "not_a_feed"),
        (Outcome(500, None, 1), "status_500"),
        (Outcome(None, Failure.CONNECT, 1), "connect"),
    ],
    ids=["HTML", "500", "out of reach"],
)
def test_a_failed_poll_is_reported_and_changes_nothing(scene: Scene, error: Any, word: str) -> None:
    scene.poll({"a": "A"})
    scene.poll(error)
    assert (scene.feed.error, scene.feed.title) == (word, "News")
    scene.poll({"b": "B", "a": "A"})
    assert scene.feed.error is None
    assert scene.published == ["B"]


def test_a_feed_stores_its_known_items_at_its_first_success(scene: Scene) -> None:
    scene.poll(b"<html>")
    scene.poll({"a": "A"})
    assert scene.published == []
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == ["B"]


def test_complete_items_of_a_truncated_feed_are_published(scene: Scene) -> None:
    """Each once, and the others when the feed is complete, even if they were there before."""
    scene.poll({"b": "B", "a": "A"}, etag='"1"')
    fetched = scene.feed.fetched
    for _ in range(2):
        scene.poll({"d": "D", CUT_OFF: ""}, etag='"2"')
        assert scene.published == ["D"]
        assert (scene.feed.error, scene.feed.fetched) == ("truncated", fetched)
    scene.poll({"d": "D", "c": "C", "b": "B", "a": "A"}, etag='"2"')
    assert scene.calls.sent[-1].headers["If-None-Match"] == '"1"'
    assert scene.published == ["D", "C"]
    assert scene.feed.error is None


def test_a_feed_truncated_at_its_first_poll_stores_nothing(scene: Scene) -> None:
    """Otherwise all missing items would be new at the next poll."""
    scene.poll({"b": "B", CUT_OFF: ""})
    assert (scene.feed.error, scene.feed.fetched) == ("truncated", None)
    scene.poll({"b": "B", "a": "A"})
    assert scene.published == []
    scene.poll({"c": "C", "b": "B", "a": "A"})
    assert scene.published == ["C"]
