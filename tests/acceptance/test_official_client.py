"""The official clients of the API that Ringback is compatible with, as published on PyPI and npm.

They read every answer as JSON, ignore the status, and send `source` with every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from acceptance.official_clients import Client, NpmClient, PythonClient, installed_module, npm_folder, older_module
from running import ADMIN_KEY, Customer, Running
from samples import SAMPLES
from webhooks_local.receiver import Receiver, verify

#: Makes a client with the API key of an account.
Connect = Callable[[str], Client]

CLIENTS = ["social-post-api 1.3.0", "social-post-api 1.2.5", "social-media-api 1.3.0"]


@pytest.fixture(scope="module", params=CLIENTS)
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Client]:
    match request.param:
        case "social-post-api 1.3.0":
            return partial(PythonClient, installed_module())
        case "social-post-api 1.2.5":
            return partial(PythonClient, older_module(tmp_path_factory.mktemp("older")))
        case _:
            return partial(NpmClient, npm_folder(tmp_path_factory.mktemp("npm")))


@pytest.fixture
def connect(make: Callable[..., Client], running: Running) -> Iterator[Connect]:
    with ExitStack() as stack:

        def connect(key: str) -> Client:
            client = make(running, key)
            stack.callback(client.close)
            return client

        yield connect


@pytest.fixture(params=["primary profile", "user profile"])
def profile(request: pytest.FixtureRequest, running: Running, connect: Connect) -> tuple[str, Client]:
    """The refId of a user profile, and a client with its Profile-Key."""
    customer = Customer(running)
    client = connect(customer.key)
    if request.param == "primary profile":
        return customer.ref_id, client
    made = client.call("createProfile", title="Zoë's shop")
    client.set_profile_key(made["profileKey"])
    return made["refId"], client


def test_it_registers_lists_and_unregisters_webhooks(profile: tuple[str, Client]) -> None:
    ref_id, client = profile
    urls = {action: f"https://example.com/{action}" for action in ("social", "messages")}
    for action, url in urls.items():
        answer = client.call("registerWebhook", action=action, url=url)
        assert answer == {"status": "success", "action": action, "url": url, "refId": ref_id}

    listed = client.call("listWebhooks")
    times = {f"{action}Updated": listed[f"{action}Updated"] for action in urls}
    assert listed == {"status": "success", **urls, **times, "updated": max(times.values()), "refId": ref_id}
    assert client.call("listWebhooks", allWebhooks=True) == listed
    assert "messages" not in client.call("listWebhooks", action="social")

    removed = client.call("unregisterWebhook", action="social")
    assert removed == {"status": "success", "action": "social", "refId": ref_id}
    left = client.call("listWebhooks")
    assert ("social" in left, left["messages"]) == (False, urls["messages"])


def test_what_it_registers_is_called(profile: tuple[str, Client], running: Running, receiver: Receiver) -> None:
    ref_id, client = profile
    path = f"/ok/official-{ref_id}"
    client.call("registerWebhook", action="social", url=receiver.url(path), secret="its secret")
    running.send({**SAMPLES["social-link"], "refId": ref_id})
    (call,) = receiver.wait_for(path, 1, deadline_seconds=120)
    assert call.json["refId"] == ref_id
    assert verify(call, "its secret")


def test_it_creates_finds_renames_and_removes_profiles(running: Running, connect: Connect) -> None:
    client = connect(Customer(running).key)
    other, made = (client.call("createProfile", title=title) for title in ("other", "Zoë's shop"))
    assert made == {
        "status": "success",
        "title": "Zoë's shop",
        "refId": made["refId"],
        "profileKey": made["profileKey"],
    }
    found = client.call("getProfiles", profileKeys=[made["profileKey"]], title="Zoë's shop")
    (listed,) = found["profiles"]
    assert (listed["title"], listed["refId"]) == ("Zoë's shop", made["refId"])
    assert set(listed["createdUTC"]) == {"_seconds", "_nanoseconds"}

    key = {"profileKey": made["profileKey"]}
    renamed = client.call("updateProfile", **key, title="Zoë's café", hideTitle=True, disableSocial=["facebook"])
    assert renamed == {"status": "success", "title": "Zoë's café", "refId": made["refId"]}
    assert client.call("deleteProfile", **key) == renamed
    assert [left["refId"] for left in client.call("getProfiles")["profiles"]] == [other["refId"]]
    assert client.call("deleteProfile", **key)["code"] == 144


def test_it_removes_the_profile_of_its_profile_key(running: Running, connect: Connect) -> None:
    client = connect(Customer(running).key)
    made = client.call("createProfile", title="Zoë's shop")
    client.set_profile_key(made["profileKey"])
    assert client.call("updateProfile", title="new")["title"] == "new"
    assert client.call("deleteProfile")["refId"] == made["refId"]


def test_it_adds_changes_lists_and_removes_feeds(profile: tuple[str, Client], receiver: Receiver) -> None:
    ref_id, client = profile
    url = receiver.url(f"/ok/feed-{ref_id}")
    added = client.call("addFeed", url=url, useFirstImage=True)
    feed_id = added["id"]
    assert added == {
        "status": "success",
        "id": feed_id,
        "feedId": feed_id,
        "url": url,
        "feedURL": url,
        "title": "127.0.0.1",
        "websiteLink": url.removesuffix(f"/ok/feed-{ref_id}"),
        "type": "rss",
        "autoHashtag": False,
        "useFirstImage": True,
    }
    changed = client.call("updateFeed", id=feed_id, autoHashtag=True)
    assert changed == {**added, "autoHashtag": True}
    (listed,) = client.call("getFeeds")["feeds"]
    assert listed.items() >= {name: changed[name] for name in changed if name != "status"}.items()
    assert client.call("deleteFeed", id=feed_id) == {"status": "success", "id": feed_id, "feedId": feed_id}
    assert client.call("getFeeds") == {"status": "success", "feeds": []}


def test_it_raises_the_errors_of_the_api(profile: tuple[str, Client], connect: Connect) -> None:
    """The client returns errors as values, and only the message explains them."""
    _, client = profile
    bad = client.call("registerWebhook", action="social", url="http://example.com/")
    unknown = client.call("unregisterWebhook", action="social")
    stranger = connect("no key").call("listWebhooks")
    misspelt = client.call("getProfiles", titel="x")
    answers = (bad, unknown, stranger, misspelt)
    assert {answer["status"] for answer in answers} == {"error"}
    refused = [(answer["action"], answer["code"]) for answer in answers]
    assert refused == [("webhook", 101), ("webhook", 404), ("webhook", 102), ("profiles", 101)]
    assert bad["message"] == "url: The URL must begin with https://."
    assert misspelt["message"].startswith("titel: Unknown query parameter.")


def test_its_error_names_the_plans_that_include_a_webhook(running: Running, connect: Connect) -> None:
    body = {"title": "Acme", "email": "ops@acme.example", "plan": "free"}
    account = running.call("POST", "/api/admin/accounts", ADMIN_KEY, body).json()
    answer = connect(account["apiKey"]).call("registerWebhook", action="social", url="https://example.com/")
    assert (answer["status"], answer["code"]) == ("error", 169)
    assert "premium, launch, business, enterprise" in answer["message"]


def test_a_call_about_posts_gets_an_error(profile: tuple[str, Client]) -> None:
    """Its history is about posts, which a webhook sender does not have."""
    _, client = profile
    answer = client.call("history")
    assert (answer["status"], answer["code"], answer["message"]) == ("error", 404, "This endpoint does not exist")
