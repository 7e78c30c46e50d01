"""Webhooks and sealed secrets of each profile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts.plans import Subscription
from webhooks.deliveries.accept import Resolution
from webhooks.errors import UnknownProfile
from webhooks.http.destinations import read_url
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import Rotation
from webhooks.store.connection import moment

SOCIAL = Webhook("social", read_url("https://hooks.example/social"), moment(1_767_607_200_123), source="dashboard")
FEED = Webhook("feed", read_url("https://hooks.example/feed"), moment(1_767_607_201_456))


def test_a_webhook_is_read_as_it_was_stored(store: Store) -> None:
    profile = store.account()
    store.webhooks.put(profile, SOCIAL, None)
    store.webhooks.put(profile, FEED, None)
    assert sorted(store.webhooks.all_of(profile), key=str) == sorted([SOCIAL, FEED], key=str)


def test_a_webhook_replaces_the_one_for_the_same_action(store: Store) -> None:
    """The source is never part of the key (contract section 2)."""
    profile = store.account()
    replacement = Webhook("social", read_url("https://moved.example/"), FEED.updated, source="another")
    store.webhooks.put(profile, SOCIAL, None)
    store.webhooks.put(profile, replacement, None)
    assert store.webhooks.all_of(profile) == [replacement]


def test_removing_a_webhook_keeps_the_others(store: Store) -> None:
    profile = store.account()
    store.webhooks.put(profile, SOCIAL, None)
    store.webhooks.put(profile, FEED, None)
    assert store.webhooks.remove(profile, "social") is True
    assert store.webhooks.remove(profile, "social") is False
    assert store.webhooks.all_of(profile) == [FEED]


def test_registering_without_a_secret_keeps_the_secret(store: Store) -> None:
    profile = store.account()
    store.register(profile, "social", SOCIAL.url, "sealed")
    store.webhooks.put(profile, FEED, None)
    assert store.claim(store.owed(profile)).sealed_secrets == ("sealed",)


def test_all_webhooks_of_a_profile_share_one_secret(store: Store) -> None:
    profile = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    store.set_secret(profile, "sealed")
    secrets = [store.claim(store.owed(profile, action=action)).sealed_secrets for action in ("social", "feed")]
    assert secrets == [("sealed",), ("sealed",)]


def test_the_secret_of_the_owner_signs(store: Store) -> None:
    """That of the profile whose webhook is called, not of the profile that the event is about."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    store.set_secret(account, "the primary's")
    store.set_secret(shop, "the shop's")
    assert store.claim(store.owed(shop)).sealed_secrets == ("the primary's",)


def rotation(before: str | None, after: str) -> Rotation:
    return Rotation(before, after, timedelta(hours=24))


def test_the_previous_secret_signs_during_the_rotation_window(store: Store) -> None:
    """By the clock of Redis, which all workers share."""
    profile = store.account(social=SOCIAL.url)
    store.set_secret(profile, "first")
    assert store.webhooks.put(profile, None, rotation("first", "second")) is True
    hook_ids = [store.owed(profile) for _ in range(3)]
    assert store.claim(hook_ids[0]).sealed_secrets == ("second", "first")
    store.clock.advance(24 * 3600 - 0.001)
    assert store.claim(hook_ids[1]).sealed_secrets == ("second", "first")
    store.clock.advance(0.001)
    assert store.claim(hook_ids[2]).sealed_secrets == ("second",)


def test_the_previous_secret_is_removed_after_its_rotation_window(store: Store) -> None:
    """Not even encrypted: Redis removes it."""
    profile = store.account()
    store.set_secret(profile, "first")
    store.set_secret(profile, "second")
    assert 0 < store.redis.pttl(f"oldSecret:{profile}") <= 24 * 3600 * 1000


def test_only_the_current_secret_is_replaced(store: Store) -> None:
    """The webhook of the call is not registered either; the caller has to read the secret again."""
    profile = store.account()
    store.set_secret(profile, "first")
    before = contents(store.redis)
    for expected in (None, "another"):
        assert store.webhooks.put(profile, SOCIAL, rotation(expected, "second")) is False
    assert contents(store.redis) == before
    assert store.webhooks.current_secret(profile) == "first"
    assert store.webhooks.put(profile, SOCIAL, rotation("first", "second")) is True
    assert store.webhooks.all_of(profile) == [SOCIAL]


def test_ending_a_rotation_window_removes_the_previous_secret(store: Store) -> None:
    profile = store.account(social=SOCIAL.url)
    store.set_secret(profile, "first")
    before = contents(store.redis)
    store.set_secret(profile, "second")
    store.webhooks.end_rotation_window(profile)
    store.webhooks.end_rotation_window("f" * 40)
    after = contents(store.redis)
    assert after.pop(f"profile:{profile}") == {**before.pop(f"profile:{profile}"), "secret": "second"}
    assert after == before


def test_the_owner_is_the_profile_or_the_primary_profile(store: Store) -> None:
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account, feed="https://shop.example/")
    owners = {action: store.webhooks.resolve(shop, action).owner for action in ("feed", "social", "batch")}
    assert owners == {"feed": shop, "social": account, "batch": None}


def test_an_owner_is_returned_with_the_plan_of_its_account(store: Store) -> None:
    """With the current plan, also for a user profile."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    assert store.webhooks.resolve(shop, "social") == Resolution(account, Subscription("business"))
    store.change_plan(account, "enterprise", "messaging")
    assert store.webhooks.resolve(shop, "feed") == Resolution(None, Subscription("enterprise", ("messaging",)))


def test_the_webhook_of_an_unknown_profile_has_no_owner(store: Store) -> None:
    with pytest.raises(UnknownProfile):
        store.webhooks.resolve("f" * 40, "social")


def test_nothing_is_written_to_a_removed_profile(store: Store) -> None:
    """A profile may be removed during another call about it, and no secret may stay behind."""
    shop = store.profile(store.account(), social="https://shop.example/")
    profile = store.accounts.profile(shop)
    assert profile is not None
    store.accounts.remove_profile(profile)
    before = contents(store.redis)

    with pytest.raises(UnknownProfile):
        store.register(shop, "social", "https://shop.example/", sealed_secret="sealed")
    with pytest.raises(UnknownProfile):
        store.set_secret(shop, "sealed")

    assert contents(store.redis) == before
