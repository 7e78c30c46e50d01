"""`/api/feed`: customers subscribe to feeds (contract section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from api.conftest import Answer, Customer, bad_input, error
from doubles import KnownNames
from stores import Store
from webhooks.feeds.feed import MAX_FEEDS, MAX_FEEDS_OF_ACCOUNT, PollResult, Validators
from webhooks.store.connection import Client, moment

PATH = "/api/feed"
URL = "https://feeds.example/news.xml"


def subscribe(customer: Customer, url: str = URL, kind: str = "rss", **fields: Any) -> Answer:
    return customer.call("POST", PATH, json={"url": url, "type": kind, **fields})


def feeds(customer: Customer) -> list[dict[str, Any]]:
    answer = customer.call("GET", PATH)
    assert (answer.status, answer.json["status"]) == (200, "success")
    listed: list[dict[str, Any]] = answer.json["feeds"]
    return listed


def shown(feed_id: str, **changes: Any) -> dict[str, Any]:
    """Return a feed that has not been polled, as the API shows it."""
    usual: dict[str, Any] = {
        "id": feed_id,
        "feedId": feed_id,
        "url": URL,
        "feedURL": URL,
        "title": "feeds.example",
    }
    usual |= {"websiteLink": "https://feeds.example", "type": "rss"}
    return {**usual, "autoHashtag": False, "useFirstImage": False, **changes}


@pytest.mark.parametrize("kind", ["rss", "substack", "youtube"])
def test_adding_a_feed_is_answered_with_the_feed(customer: Customer, kind: str) -> None:
    """Unknown fields are ignored, as in every call that existing clients make."""
    answer = subscribe(customer, kind=kind, source="dashboard")
    assert answer.status == 200
    assert answer.json == {"status": "success", **shown(answer.json["feedId"], type=kind)}


@pytest.mark.parametrize("flags", [{"autoHashtag": True}, {"useFirstImage": True, "autoHashtag": False}])
def test_a_feed_is_stored_with_its_settings(customer: Customer, flags: dict[str, Any]) -> None:
    """Settings that are left out have the defaults of a new feed."""
    answer = customer.call("POST", PATH, json={"url": URL, **flags})
    assert answer.json == {"status": "success", **shown(answer.json["feedId"], **flags)}
    assert feeds(customer)[0].items() >= flags.items()


def test_a_feed_is_changed_by_either_of_its_ids(customer: Customer) -> None:
    """Settings that are left out stay."""
    feed_id = subscribe(customer, autoHashtag=True).json["id"]
    changes: list[tuple[str, dict[str, Any]]] = [
        ("id", {"useFirstImage": True}),
        ("feedId", {"type": "youtube"}),
        ("id", {}),
    ]
    for name, change in changes:
        answer = customer.call("PUT", PATH, json={name: feed_id, **change})
        assert answer.status == 200
    changed = shown(feed_id, type="youtube", autoHashtag=True, useFirstImage=True)
    assert answer.json == {"status": "success", **changed}
    assert feeds(customer)[0].items() >= changed.items()
    answer = customer.call("PUT", PATH, json={"id": feed_id, "autoHashtag": False})
    assert answer.json == {"status": "success", **changed, "autoHashtag": False}


def test_adding_a_feed_again_keeps_settings_that_are_left_out(customer: Customer) -> None:
    first = subscribe(customer, kind="youtube", autoHashtag=True, useFirstImage=True)
    again = customer.call("POST", PATH, json={"url": URL, "useFirstImage": False})
    assert again.json == {**first.json, "useFirstImage": False}


def test_adding_a_feed_again_returns_the_same_feed(customer: Customer) -> None:
    """Different spellings of a URL are one feed."""
    first = subscribe(customer)
    again = subscribe(customer, "HTTPS://Feeds.Example/news.xml", "substack")
    assert again.json == {**first.json, "type": "substack"}
    assert [feed["type"] for feed in feeds(customer)] == ["substack"]


def test_a_feed_belongs_to_the_calling_profile(customer: Customer) -> None:
    shop = customer.add_profile()
    own, primarys = subscribe(shop).json["feedId"], subscribe(customer).json["feedId"]
    assert own != primarys
    assert [feed["feedId"] for feed in feeds(shop)] == [own]
    assert [feed["feedId"] for feed in feeds(customer)] == [primarys]


def test_a_feed_is_listed_with_the_result_of_its_last_poll(customer: Customer, fake_redis: Client) -> None:
    store = Store(fake_redis)
    feed = store.subscribe(customer.ref_id, URL)
    customer.register("feed")
    listed = {**shown(feed.feed_id), "active": True}
    assert feeds(customer) == [
        {**listed, "lastFetched": None, "lastError": None, "nextFetch": "2026-01-05T10:00:00Z"}
    ]

    (poll,) = store.look().polls
    assert feeds(customer) == [{**listed, "lastFetched": None, "lastError": None, "nextFetch": None}]

    finding = PollResult(moment(store.clock() + 300_000), "", "News", Validators(), link="https://news.example/")
    store.feeds.record(poll, finding)
    store.clock.advance(300)
    (poll,) = store.look().polls
    store.feeds.record(poll, PollResult(moment(store.clock() + 600_000), "status_500"))
    assert feeds(customer) == [
        {
            **listed,
            "title": "News",
            "websiteLink": "https://news.example/",
            "lastFetched": "2026-01-05T10:00:00Z",
            "lastError": "status_500",
            "nextFetch": "2026-01-05T10:15:00Z",
        }
    ]
    read = {"title": "News", "websiteLink": "https://news.example/"}
    assert subscribe(customer).json.items() >= read.items()
    assert customer.call("PUT", PATH, json={"id": feed.feed_id}).json.items() >= read.items()


def test_a_feed_is_active_while_a_webhook_would_be_called(customer: Customer) -> None:
    """Its own webhook, or that of the primary profile."""
    shop = customer.add_profile()
    subscribe(shop)
    assert [feed["active"] for feed in feeds(shop)] == [False]
    customer.register("feed")
    assert [feed["active"] for feed in feeds(shop)] == [True]


@pytest.mark.parametrize("name", ["id", "feedId"])
def test_a_feed_can_be_removed(customer: Customer, name: str) -> None:
    kept, left = subscribe(customer).json["feedId"], subscribe(customer, "https://feeds.example/2").json["feedId"]
    answer = customer.call("DELETE", PATH, json={name: left})
    assert (answer.status, answer.json) == (200, {"status": "success", "id": left, "feedId": left})
    assert [feed["feedId"] for feed in feeds(customer)] == [kept]
    answer = customer.call("DELETE", PATH, json={name: left})
    assert answer.status == 404
    assert answer.json == error("feed", 404, "The profile follows no feed with this feedId.")


def test_the_feed_of_another_profile_is_unknown(customer: Customer) -> None:
    """Also the feed of another profile of the account."""
    feed_id = subscribe(customer.add_profile()).json["feedId"]
    answer = customer.call("DELETE", PATH, json={"feedId": feed_id})
    assert answer.json == error("feed", 404, "The profile follows no feed with this feedId.")


def test_a_feed_beyond_the_maximum_of_a_profile_is_409(customer: Customer) -> None:
    for number in range(MAX_FEEDS):
        assert subscribe(customer, f"https://feeds.example/{number}").status == 200
    answer = subscribe(customer)
    assert answer.status == 409
    assert answer.json == error("feed", 409, "A profile can follow at most 50 feeds.")
    assert len(feeds(customer)) == MAX_FEEDS


def test_a_feed_beyond_the_maximum_of_an_account_is_409(customer: Customer, fake_redis: Client) -> None:
    store = Store(fake_redis)
    for _ in range(MAX_FEEDS_OF_ACCOUNT // MAX_FEEDS):
        shop = store.profile(customer.ref_id)
        for number in range(MAX_FEEDS):
            store.subscribe(shop, f"https://feeds.example/{number}")
    answer = subscribe(customer)
    assert answer.status == 409
    expected = "All profiles of an account together can follow at most 500 feeds."
    assert answer.json == error("feed", 409, expected)
    assert feeds(customer) == []


def test_a_feed_with_a_private_address_is_blocked_without_a_reason(customer: Customer, names: KnownNames) -> None:
    names.set("feeds.example", "192.0.2.1", "10.0.0.1")
    answer = subscribe(customer)
    assert (answer.status, answer.json) == (400, bad_input("feed", {"url": ["blocked"]}))
    assert feeds(customer) == []


def test_feeds_are_listed_in_the_order_of_their_urls(customer: Customer) -> None:
    urls = [f"https://feeds.example/{name}" for name in "cab"]
    for url in urls:
        subscribe(customer, url)
    assert [feed["url"] for feed in feeds(customer)] == sorted(urls)
