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


def test_a_webhook_comes_back_as_it_was_put(store: Store) -> None:
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


def test_a_removed_webhook_is_gone_and_the_others_stay(store: Store) -> None:
    profile = store.account()
    store.webhooks.put(profile, SOCIAL, None)
    store.webhooks.put(profile, FEED, None)
    assert store.webhooks.remove(profile, "social") is True
    assert store.webhooks.remove(profile, "social") is False
    assert store.webhooks.all_of(profile) == [FEED]


def test_a_webhook_without_a_secret_leaves_the_secret_as_it_is(store: Store) -> None:
    profile = store.account()
    store.register(profile, "social", SOCIAL.url, "sealed")
    store.webhooks.put(profile, FEED, None)
    assert store.claim(store.owed(profile)).sealed_secrets == ("sealed",)


def test_one_secret_signs_all_actions_of_a_profile(store: Store) -> None:
    profile = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    store.set_secret(profile, "sealed")
    secrets = [store.claim(store.owed(profile, action=action)).sealed_secrets for action in ("social", "feed")]
    assert secrets == [("sealed",), ("sealed",)]


def test_the_secret_that_signs_is_the_owners(store: Store) -> None:
    """That of the profile whose webhook is called, not of the profile that the event is about."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    store.set_secret(account, "the primary's")
    store.set_secret(shop, "the shop's")
    assert store.claim(store.owed(shop)).sealed_secrets == ("the primary's",)


def rotation(before: str | None, after: str) -> Rotation:
    return Rotation(before, after, timedelta(hours=24))


def test_the_secret_before_a_new_one_counts_too_for_as_long_as_its_grace(store: Store) -> None:
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


def test_a_secret_is_not_kept_for_longer_than_it_counts(store: Store) -> None:
    """Not even encrypted: Redis drops it by itself."""
    profile = store.account()
    store.set_secret(profile, "first")
    store.set_secret(profile, "second")
    assert 0 < store.redis.pttl(f"oldSecret:{profile}") <= 24 * 3600 * 1000


def test_a_secret_that_is_not_the_current_one_any_more_is_not_replaced(store: Store) -> None:
    """Nor is the webhook registered that came with it: a caller that asks has to look again."""
    profile = store.account()
    store.set_secret(profile, "first")
    before = contents(store.redis)
    for expected in (None, "another"):
        assert store.webhooks.put(profile, SOCIAL, rotation(expected, "second")) is False
    assert contents(store.redis) == before
    assert store.webhooks.current_secret(profile) == "first"
    assert store.webhooks.put(profile, SOCIAL, rotation("first", "second")) is True
    assert store.webhooks.all_of(profile) == [SOCIAL]


def test_a_grace_that_is_ended_leaves_nothing_of_the_secret(store: Store) -> None:
    profile = store.account(social=SOCIAL.url)
    store.set_secret(profile, "first")
    before = contents(store.redis)
    store.set_secret(profile, "second")
    store.webhooks.end_rotation_window(profile)
    store.webhooks.end_rotation_window("f" * 40)
    after = contents(store.redis)
    assert after.pop(f"profile:{profile}") == {**before.pop(f"profile:{profile}"), "secret": "second"}
    assert after == before


def test_the_owner_is_the_profile_itself_else_the_primary(store: Store) -> None:
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account, feed="https://shop.example/")
    owners = {action: store.webhooks.resolve(shop, action).owner for action in ("feed", "social", "batch")}
    assert owners == {"feed": shop, "social": account, "batch": None}


def test_what_the_account_pays_for_comes_with_the_owner(store: Store) -> None:
    """Of a user profile too; as it is at the moment."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    assert store.webhooks.resolve(shop, "social") == Resolution(account, Subscription("business"))
    store.change_plan(account, "enterprise", "messaging")
    assert store.webhooks.resolve(shop, "feed") == Resolution(None, Subscription("enterprise", ("messaging",)))


def test_no_one_owns_what_an_unknown_profile_would_be_called_for(store: Store) -> None:
    with pytest.raises(UnknownProfile):
        store.webhooks.resolve("f" * 40, "social")


def test_nothing_is_written_to_a_profile_that_was_removed(store: Store) -> None:
    """A customer may remove it while another call of theirs is in flight: no secret may be left behind."""
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
