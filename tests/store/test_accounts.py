"""Accounts, profiles and the fingerprints of their keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts import Account, AccountChange, Profile
from webhooks.store.connection import moment

CREATED = moment(1_767_607_200_123)
ACCOUNT = Account(
    ref_id="a" * 40,
    title="Bäckerei 🥖",
    email="ops@example.com",
    alt_emails=("one@example.com", "two@example.com"),
    plan="enterprise",
    add_ons=("messaging",),
    created=CREATED,
)
SHOP = Profile("b" * 40, ACCOUNT.ref_id, "Zoë's shop", CREATED)


@pytest.fixture
def store(store: Store) -> Store:
    store.accounts.add_account(ACCOUNT, "fingerprint-a")
    store.accounts.add_profile(SHOP, "fingerprint-b")
    return store


def test_an_account_comes_back_as_it_was_stored(store: Store) -> None:
    assert store.accounts.account(ACCOUNT.ref_id) == ACCOUNT


def test_an_account_without_extras_comes_back_without(store: Store) -> None:
    bare = replace(ACCOUNT, ref_id="c" * 40, alt_emails=(), add_ons=())
    store.accounts.add_account(bare, "fingerprint-c")
    assert store.accounts.account(bare.ref_id) == bare


def test_a_changed_account_comes_back_changed(store: Store) -> None:
    store.accounts.change_account(ACCOUNT.ref_id, AccountChange("new@example.com", (), "free", ()))
    changed = replace(ACCOUNT, plan="free", add_ons=(), email="new@example.com", alt_emails=())
    assert store.accounts.account(ACCOUNT.ref_id) == changed


def test_a_change_touches_nothing_else(store: Store) -> None:
    """Two operators may each change something at the same time, without having seen the other's change."""
    for change in (AccountChange(plan="free"), AccountChange(email="new@example.com"), AccountChange()):
        store.accounts.change_account(ACCOUNT.ref_id, change)
    assert store.accounts.account(ACCOUNT.ref_id) == replace(ACCOUNT, plan="free", email="new@example.com")


@pytest.mark.parametrize("ref_id", [SHOP.ref_id, "f" * 40])
def test_a_user_profile_or_a_stranger_is_no_account(store: Store, ref_id: str) -> None:
    assert store.accounts.account(ref_id) is None


def test_a_key_leads_to_its_profile(store: Store) -> None:
    primary = store.accounts.profile_by_key("fingerprint-a")
    assert primary == Profile(ACCOUNT.ref_id, ACCOUNT.ref_id, ACCOUNT.title, CREATED)
    assert store.accounts.profile_by_key("fingerprint-b") == SHOP
    assert store.accounts.profile_by_key("fingerprint-c") is None


def test_user_profiles_are_listed_oldest_first(store: Store) -> None:
    """Without the primary profile, and without another account's."""
    older = replace(SHOP, ref_id="d" * 40, created=CREATED - timedelta(seconds=1))
    newer = replace(SHOP, ref_id="1" * 40, created=CREATED + timedelta(seconds=1))
    for number, profile in enumerate((newer, older)):
        store.accounts.add_profile(profile, f"fingerprint-{number}")
    store.profile(store.account())

    assert store.accounts.user_profiles(ACCOUNT.ref_id) == [older, SHOP, newer]


def test_an_account_without_user_profiles_lists_none(store: Store) -> None:
    assert store.accounts.user_profiles(store.account()) == []


def test_a_removed_profile_leaves_nothing_behind(store: Store) -> None:
    """Neither its key, nor its secret, nor its webhooks; the account stays as it was."""
    store.accounts.remove_profile(SHOP)
    before = contents(store.redis)

    store.accounts.add_profile(SHOP, "fingerprint-b")
    store.register(SHOP.ref_id, "social", "https://shop.example/", sealed_secret="sealed")
    store.accounts.remove_profile(SHOP)

    assert contents(store.redis) == before
    assert not [key for key in before if SHOP.ref_id in key or "fingerprint-b" in key]
    assert store.accounts.account(ACCOUNT.ref_id) == ACCOUNT
