"""Recalling: what was sent, by action, as it was sent the last time."""

from __future__ import annotations

import json

import pytest

from doubles import OK, REFUSED
from stores import Store, new_delivery
from unit.conftest import Scene
from webhooks.accounts.account import Profile
from webhooks.delivery_log.history import MAX_CHARACTERS, MAX_PAYLOADS, PostHistory
from webhooks.delivery_log.search import MAX_READ
from webhooks.http.call import Call
from webhooks.store.connection import moment

NOW = 1_767_607_200


@pytest.fixture
def recalling(store: Store) -> PostHistory:
    return PostHistory(store.records)


@pytest.fixture
def profile(scene: Scene) -> Profile:
    profile = scene.store.accounts.profile(scene.profile)
    assert profile is not None
    return profile


def body(call: Call) -> dict[str, object]:
    read: dict[str, object] = json.loads(call.body)
    return read


def test_a_payload_is_what_the_receiver_got(scene: Scene, recalling: PostHistory, profile: Profile) -> None:
    """With the time of the attempt, in seconds."""
    (hook_id,) = scene.owed(1)
    scene.store.clock.advance(7)
    scene.attempt(hook_id, OK)
    assert recalling.history(profile) == {"social": [body(scene.calls.sent[0]) | {"timeStamp": NOW + 7}]}


def test_the_last_attempt_counts(scene: Scene, recalling: PostHistory, profile: Profile) -> None:
    """It went to the URL of its moment, not to that of today."""
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    scene.store.clock.advance(5)
    scene.store.register(scene.profile, "social", "https://hooks.example/second")
    scene.attempt(hook_id, OK)
    scene.store.register(scene.profile, "social", "https://hooks.example/third")
    (payload,) = recalling.history(profile)["social"]
    assert payload == body(scene.calls.sent[1]) | {"timeStamp": NOW + 5}
    assert (payload["retry"], payload["url"]) == (True, "https://hooks.example/second")


def test_one_that_waits_for_its_retry_was_sent_too(scene: Scene, recalling: PostHistory, profile: Profile) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    assert recalling.history(profile)["social"] == [body(scene.calls.sent[0]) | {"timeStamp": NOW}]


def test_what_was_never_attempted_was_not_sent(scene: Scene, recalling: PostHistory, profile: Profile) -> None:
    waiting, canceled = scene.owed(2)
    scene.store.webhooks.remove(scene.profile, "social")
    with scene.worker() as worker:
        worker.deliver([canceled])
    assert scene.store.delivery(waiting).attempts == ()
    assert recalling.history(profile) == {}


def test_where_an_interrupted_call_went_no_one_knows(
    scene: Scene, recalling: PostHistory, profile: Profile
) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.park(hook_id)
    (payload,) = recalling.history(profile)["social"]
    assert "url" not in payload
    assert payload["hookId"] == hook_id


def test_the_url_of_a_batch_is_its_file(store: Store, recalling: PostHistory) -> None:
    account = store.account(batch="https://hooks.example/")
    payload = json.dumps({"action": "batch", "url": "https://files.example/1"})
    store.ended(account, action="batch", payload=payload)
    profile = store.accounts.profile(account)
    assert profile is not None
    assert recalling.history(profile)["batch"][0]["url"] == "https://files.example/1"


def test_the_newest_attempt_comes_first(scene: Scene, recalling: PostHistory, profile: Profile) -> None:
    """What was accepted first may be attempted last."""
    first, second = scene.owed(2)
    scene.attempt(second, OK)
    scene.store.clock.advance(60)
    scene.attempt(first, OK)
    assert [payload["hookId"] for payload in recalling.history(profile)["social"]] == [first, second]


def test_it_is_about_one_profile_and_perhaps_one_action(store: Store, recalling: PostHistory) -> None:
    account = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    shop = store.profile(account)
    social, feed, of_shop = store.ended(account), store.ended(account, action="feed"), store.ended(shop)

    def hook_ids(ref_id: str, action: str | None = None) -> dict[str, list[str]]:
        profile = store.accounts.profile(ref_id)
        assert profile is not None
        history = recalling.history(profile, action)
        return {action: [payload["hookId"] for payload in sent] for action, sent in history.items()}

    assert hook_ids(account) == {"social": [social], "feed": [feed]}
    assert hook_ids(account, "feed") == {"feed": [feed]}
    assert hook_ids(account, "batch") == {}
    assert hook_ids(shop) == {"social": [of_shop]}


def test_of_each_action_there_are_so_many(store: Store, recalling: PostHistory) -> None:
    """Many of one do not push out the others."""
    account = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    feed = store.ended(account, action="feed")
    ids = store.exhausted(account, MAX_PAYLOADS + 1)
    history = recalling.history(profile)
    assert sorted(payload["hookId"] for payload in history["social"]) == sorted(ids[1:])
    assert [payload["hookId"] for payload in history["feed"]] == [feed]


def test_large_payloads_are_fewer(store: Store, recalling: PostHistory) -> None:
    account = store.account(social="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    for _ in range(5):
        payload = json.loads(new_delivery(account).payload) | {"message": "x" * (MAX_CHARACTERS // 4)}
        store.ended(account, payload=json.dumps(payload))
    assert len(recalling.history(profile)["social"]) == 3


def test_what_waits_for_its_time_hides_nothing(store: Store, recalling: PostHistory) -> None:
    """A year of posts can be scheduled ahead of what was sent last."""
    account = store.account(social="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    sent = store.ended(account)
    later = moment(store.clock() + 1_000_000)
    store.ledger.accept([new_delivery(account, due=later) for _ in range(30 * MAX_READ)])
    assert [payload["hookId"] for payload in recalling.history(profile)["social"]] == [sent]
