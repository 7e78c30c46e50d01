"""`webhooks feeds`, against the API."""

from __future__ import annotations

import json

import pytest

from cli.conftest import CommandLine
from stores import Store
from webhooks.feeds.feed import PollResult, Validators
from webhooks.store.connection import moment

URL = "https://feeds.example/news.xml"


@pytest.mark.usefixtures("customer")
def test_the_default_type_of_a_feed_is_rss(webhooks: CommandLine) -> None:
    added = webhooks("feeds", "add", URL)
    shown = dict(line.split(maxsplit=1) for line in added.stdout.splitlines())
    assert (added.exit_code, shown["url"], shown["type"]) == (0, URL, "rss")
    again = json.loads(webhooks("feeds", "add", URL, "--type", "substack", "--json").stdout)
    assert (again["feedId"], again["type"]) == (shown["feedId"], "substack")


def test_the_list_shows_the_result_of_the_last_poll(webhooks: CommandLine, customer: str, store: Store) -> None:
    feed_id = store.subscribe(customer, URL).feed_id
    assert row(webhooks) == [feed_id, "rss", URL, "feeds.example", "-", "-", "2026-01-05T10:00:00Z", "no"]

    webhooks("register", "feed", "https://hooks.example/feed")
    (poll,) = store.look(1, 60).polls
    store.feeds.record(poll, PollResult(moment(store.clock() + 300_000), "", "News", Validators()))
    store.clock.advance(300)
    (poll,) = store.look(1, 60).polls
    store.feeds.record(poll, PollResult(moment(store.clock() + 600_000), "status_500"))
    fetched, due = "2026-01-05T10:00:00Z", "2026-01-05T10:15:00Z"
    assert row(webhooks) == [feed_id, "rss", URL, "News", fetched, "status_500", due, "yes"]


def row(webhooks: CommandLine) -> list[str]:
    """Return the cells of the only feed in the list."""
    headings, cells = webhooks("feeds", "list").stdout.splitlines()
    assert " ".join(headings.split()) == "feedId type url title lastFetched lastError nextFetch active"
    return cells.split()


def test_the_list_as_json_has_the_fields_of_the_api(webhooks: CommandLine, customer: str, store: Store) -> None:
    feed_id = store.subscribe(customer, URL, "youtube").feed_id
    (listed,) = json.loads(webhooks("feeds", "list", "--json").stdout)
    expected = {
        "feedId": feed_id,
        "url": URL,
        "type": "youtube",
        "lastFetched": None,
        "lastError": None,
        "nextFetch": "2026-01-05T10:00:00Z",
        "active": False,
    }
    assert listed.items() >= expected.items()


def test_a_removed_feed_cannot_be_removed_again(webhooks: CommandLine, customer: str, store: Store) -> None:
    feed_id = store.subscribe(customer, URL).feed_id
    removed = webhooks("feeds", "remove", feed_id)
    assert (removed.exit_code, removed.stdout) == (0, f"feedId  {feed_id}\n")
    assert json.loads(webhooks("feeds", "list", "--json").stdout) == []
    again = webhooks("feeds", "remove", feed_id)
    assert (again.exit_code, again.stderr) == (1, "Error: The profile follows no feed with this feedId. (404)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://feeds.example/"], "url: The URL must begin with https://. (400)\n"),
        ([URL, "--type", "atom"], "type: Must be one of: rss, substack, youtube. (400)\n"),
    ],
)
@pytest.mark.usefixtures("customer")
def test_a_refused_feed_is_reported_with_its_field(
    webhooks: CommandLine, arguments: list[str], message: str
) -> None:
    refused = webhooks("feeds", "add", *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.endswith(message)
