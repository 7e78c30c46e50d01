"""The official client of the API that ours follows, as it comes from PyPI, works with ours.

It reads every answer as JSON, ignores the status, and sends `source` with every call.
"""

from __future__ import annotations

from typing import Any

import ayrshare.ayrshare as official
import pytest

from running import ADMIN_KEY, Customer, Running
from samples import SAMPLES
from webhooks_local.receiver import Receiver, verify


@pytest.fixture(autouse=True)
def base(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client calls: its one setting."""
    monkeypatch.setattr(official, "base", f"{running.url}/api/")


@pytest.fixture(params=["primary profile", "user profile"])
def profile(request: pytest.FixtureRequest, running: Running) -> tuple[str, Any]:
    """A profile's refId, and the client of who has it."""
    customer = Customer(running)
    client = official.SocialPost(customer.key)
    if request.param == "primary profile":
        return customer.ref_id, client
    made = customer.call("POST", "/api/profiles", {"title": "Zoë's shop"})
    return made["refId"], client.setProfileKey(made["profileKey"])


def test_it_registers_lists_and_unregisters_webhooks(profile: tuple[str, Any]) -> None:
    ref_id, client = profile
    urls = {action: f"https://example.com/{action}" for action in ("social", "messages")}
    for action, url in urls.items():
        answer = client.registerWebhook({"action": action, "url": url})
        assert answer == {"status": "success", "action": action, "url": url, "refId": ref_id}

    listed = client.listWebhooks()
    times = {f"{action}Updated": listed[f"{action}Updated"] for action in urls}
    assert listed == {"status": "success", **urls, **times, "updated": max(times.values()), "refId": ref_id}
    assert client.listWebhooks({"allWebhooks": True}) == listed

    assert client.unregisterWebhook({"action": "social"}) == {
        "status": "success",
        "action": "social",
        "refId": ref_id,
    }
    left = client.listWebhooks()
    assert ("social" in left, left["messages"]) == (False, urls["messages"])


def test_what_it_registers_is_called(profile: tuple[str, Any], running: Running, receiver: Receiver) -> None:
    ref_id, client = profile
    path = f"/ok/official-{ref_id}"
    client.registerWebhook({"action": "social", "url": receiver.url(path), "secret": "its secret"})
    running.send({**SAMPLES["social-link"], "refId": ref_id})
    (call,) = receiver.wait_for(path, 1, deadline_seconds=5)
    assert call.json["refId"] == ref_id
    assert verify(call, "its secret")


def test_it_lists_profiles(running: Running) -> None:
    customer = Customer(running)
    made = customer.call("POST", "/api/profiles", {"title": "Zoë's shop"})
    profiles = [{"title": "Zoë's shop", "refId": made["refId"]}]
    assert official.SocialPost(customer.key).getProfiles() == {"status": "success", "profiles": profiles}


def test_it_follows_lists_and_leaves_feeds(profile: tuple[str, Any], receiver: Receiver) -> None:
    ref_id, client = profile
    feed = {"url": receiver.url(f"/ok/feed-{ref_id}"), "type": "rss"}
    added = client.addFeed(dict(feed))
    assert added == {"status": "success", "feedId": added["feedId"], **feed}
    assert [listed["feedId"] for listed in client.getFeeds()["feeds"]] == [added["feedId"]]
    assert client.deleteFeed({"feedId": added["feedId"]}) == {"status": "success", "feedId": added["feedId"]}
    assert client.getFeeds() == {"status": "success", "feeds": []}


def test_it_is_told_what_is_refused(profile: tuple[str, Any]) -> None:
    """As values, for it raises nothing."""
    _, client = profile
    bad = client.registerWebhook({"action": "social", "url": "http://example.com/"})
    unknown = client.unregisterWebhook({"action": "social"})
    stranger = official.SocialPost("no key").listWebhooks()
    refused = [(answer["status"], answer["action"], answer["code"]) for answer in (bad, unknown, stranger)]
    assert refused == [("error", "webhook", 101), ("error", "webhook", 404), ("error", "webhook", 102)]
    assert set(bad["errors"]) == {"url"}


def test_it_is_told_which_plans_can(running: Running) -> None:
    body = {"title": "Acme", "email": "ops@acme.example", "plan": "free"}
    account = running.call("POST", "/api/admin/accounts", ADMIN_KEY, body).json()
    answer = official.SocialPost(account["apiKey"]).registerWebhook(
        {"action": "social", "url": "https://example.com/"}
    )
    assert (answer["status"], answer["code"]) == ("error", 169)
    assert "premium, launch, business, enterprise" in answer["message"]
