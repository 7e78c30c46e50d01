"""Webhooks and sealed secrets of each profile."""

from __future__ import annotations

import pytest

from doubles import contents
from stores import Store
from webhooks.entitlements import Subscription
from webhooks.errors import UnknownProfile
from webhooks.publishing import Resolved
from webhooks.store.connection import moment
from webhooks.webhooks import Webhook

SOCIAL = Webhook("social", "https://hooks.example/social", moment(1_767_607_200_123), source="dashboard")
FEED = Webhook("feed", "https://hooks.example/feed", moment(1_767_607_201_456))


def test_a_webhook_comes_back_as_it_was_put(store: Store) -> None:
    profile = store.account()
    store.webhooks.put(profile, SOCIAL, None)
    store.webhooks.put(profile, FEED, None)
    assert sorted(store.webhooks.all_of(profile), key=str) == sorted([SOCIAL, FEED], key=str)


def test_a_webhook_replaces_the_one_for_the_same_action(store: Store) -> None:
    """The source is never part of the key (contract section 2)."""
    profile = store.account()
    replacement = Webhook("social", "https://moved.example/", FEED.updated, source="another")
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
    store.webhooks.put(profile, SOCIAL, "sealed")
    store.webhooks.put(profile, FEED, None)
    assert store.claim(store.owed(profile)).sealed_secret == "sealed"


def test_one_secret_signs_all_actions_of_a_profile(store: Store) -> None:
    profile = store.account(social="https://hooks.example/", feed="https://hooks.example/")
    store.webhooks.put_secret(profile, "sealed")
    secrets = [store.claim(store.owed(profile, action=action)).sealed_secret for action in ("social", "feed")]
    assert secrets == ["sealed", "sealed"]


def test_the_secret_that_signs_is_the_owners(store: Store) -> None:
    """That of the profile whose webhook is called, not of the profile that the event is about."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    store.webhooks.put_secret(account, "the primary's")
    store.webhooks.put_secret(shop, "the shop's")
    assert store.claim(store.owed(shop)).sealed_secret == "the primary's"


def test_the_owner_is_the_profile_itself_else_the_primary(store: Store) -> None:
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account, feed="https://shop.example/")
    owners = {action: store.webhooks.resolve(shop, action).owner for action in ("feed", "social", "batch")}
    assert owners == {"feed": shop, "social": account, "batch": None}


def test_what_the_account_pays_for_comes_with_the_owner(store: Store) -> None:
    """Of a user profile too; as it is at the moment."""
    account = store.account(social="https://hooks.example/")
    shop = store.profile(account)
    assert store.webhooks.resolve(shop, "social") == Resolved(account, Subscription("business"))
    store.subscribe(account, "enterprise", "messaging")
    assert store.webhooks.resolve(shop, "feed") == Resolved(None, Subscription("enterprise", ("messaging",)))


def test_nobody_owns_what_an_unknown_profile_would_be_called_for(store: Store) -> None:
    with pytest.raises(UnknownProfile):
        store.webhooks.resolve("f" * 40, "social")


def test_nothing_is_written_to_a_profile_that_was_removed(store: Store) -> None:
    """A customer may remove it while another call of theirs is under way: no secret may be left behind."""
    shop = store.profile(store.account(), social="https://shop.example/")
    profile = store.accounts.profile(shop)
    assert profile is not None
    store.accounts.remove_profile(profile)
    before = contents(store.redis)

    with pytest.raises(UnknownProfile):
        store.register(shop, "social", "https://shop.example/", sealed_secret="sealed")
    with pytest.raises(UnknownProfile):
        store.webhooks.put_secret(shop, "sealed")

    assert contents(store.redis) == before
