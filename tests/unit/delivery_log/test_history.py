"""The history: the payloads that were sent, by action, as in their latest attempts."""

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
def post_history(store: Store) -> PostHistory:
    return PostHistory(store.records)


@pytest.fixture
def profile(scene: Scene) -> Profile:
    profile = scene.store.accounts.profile(scene.profile)
    assert profile is not None
    return profile


def body(call: Call) -> dict[str, object]:
    read: dict[str, object] = json.loads(call.body)
    return read


def test_a_payload_is_what_the_receiver_got_plus_the_time_of_the_attempt(
    scene: Scene, post_history: PostHistory, profile: Profile
) -> None:
    """The time is in Unix seconds."""
    (hook_id,) = scene.owed(1)
    scene.store.clock.advance(7)
    scene.attempt(hook_id, OK)
    assert post_history.history(profile) == {"social": [body(scene.calls.sent[0]) | {"timeStamp": NOW + 7}]}


def test_a_payload_is_that_of_the_latest_attempt(
    scene: Scene, post_history: PostHistory, profile: Profile
) -> None:
    """With the URL at the time of the attempt, not the current one."""
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    scene.store.clock.advance(5)
    scene.store.register(scene.profile, "social", "https://hooks.example/second")
    scene.attempt(hook_id, OK)
    scene.store.register(scene.profile, "social", "https://hooks.example/third")
    (payload,) = post_history.history(profile)["social"]
    assert payload == body(scene.calls.sent[1]) | {"timeStamp": NOW + 5}
    assert (payload["retry"], payload["url"]) == (True, "https://hooks.example/second")


def test_a_delivery_that_waits_for_its_retry_is_included(
    scene: Scene, post_history: PostHistory, profile: Profile
) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    assert post_history.history(profile)["social"] == [body(scene.calls.sent[0]) | {"timeStamp": NOW}]


def test_a_delivery_without_an_attempt_is_not_included(
    scene: Scene, post_history: PostHistory, profile: Profile
) -> None:
    waiting, canceled = scene.owed(2)
    scene.store.webhooks.remove(scene.profile, "social")
    with scene.worker() as worker:
        worker.deliver([canceled])
    assert scene.store.delivery(waiting).attempts == ()
    assert post_history.history(profile) == {}


def test_the_url_of_an_interrupted_call_is_unknown(
    scene: Scene, post_history: PostHistory, profile: Profile
) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.interrupt_until_exhausted(hook_id)
    (payload,) = post_history.history(profile)["social"]
    assert "url" not in payload
    assert payload["hookId"] == hook_id


def test_the_url_of_a_batch_payload_is_that_of_its_file(store: Store, post_history: PostHistory) -> None:
    account = store.account(batch="https://hooks.example/")
    payload = json.dumps({"action": "batch", "url": "https://files.example/1"})
    store.ended(account, action="batch", payload=payload)
    profile = store.accounts.profile(account)
    assert profile is not None
    assert post_history.history(profile)["batch"][0]["url"] == "https://files.example/1"


def test_the_newest_attempt_comes_first(scene: Scene, post_history: PostHistory, profile: Profile) -> None:
    """The order of acceptance does not matter."""
    first, second = scene.owed(2)
    scene.attempt(second, OK)
    scene.store.clock.advance(60)
    scene.attempt(first, OK)
    assert [payload["hookId"] for payload in post_history.history(profile)["social"]] == [first, second]


def test_the_history_is_of_one_profile_and_optionally_of_one_action(
    store: Store, post_history: PostHistory
) -> None:
    account = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    shop = store.profile(account)
    social, feed, of_shop = store.ended(account), store.ended(account, action="feed"), store.ended(shop)

    def hook_ids(ref_id: str, action: str | None = None) -> dict[str, list[str]]:
        profile = store.accounts.profile(ref_id)
        assert profile is not None
        history = post_history.history(profile, action)
        return {action: [payload["hookId"] for payload in sent] for action, sent in history.items()}

    assert hook_ids(account) == {"social": [social], "feed": [feed]}
    assert hook_ids(account, "feed") == {"feed": [feed]}
    assert hook_ids(account, "batch") == {}
    assert hook_ids(shop) == {"social": [of_shop]}


def test_each_action_has_its_own_maximum_of_payloads(store: Store, post_history: PostHistory) -> None:
    """Many payloads of one action do not displace those of another."""
    account = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    feed = store.ended(account, action="feed")
    ids = store.exhausted(account, MAX_PAYLOADS + 1)
    history = post_history.history(profile)
    assert sorted(payload["hookId"] for payload in history["social"]) == sorted(ids[1:])
    assert [payload["hookId"] for payload in history["feed"]] == [feed]


def test_large_payloads_count_towards_the_maximum_of_characters(store: Store, post_history: PostHistory) -> None:
    account = store.account(social="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    for _ in range(5):
        payload = json.loads(new_delivery(account).payload) | {"message": "x" * (MAX_CHARACTERS // 4)}
        store.ended(account, payload=json.dumps(payload))
    assert len(post_history.history(profile)["social"]) == 3


def test_many_deliveries_that_are_due_later_do_not_hide_what_was_sent(
    store: Store, post_history: PostHistory
) -> None:
    """A year of posts may have been scheduled since the latest call."""
    account = store.account(social="https://hooks.example/")
    profile = store.accounts.profile(account)
    assert profile is not None
    sent = store.ended(account)
    later = moment(store.clock() + 1_000_000)
    store.ledger.accept([new_delivery(account, due=later) for _ in range(30 * MAX_READ)])
    assert [payload["hookId"] for payload in post_history.history(profile)["social"]] == [sent]
