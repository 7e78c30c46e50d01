"""Managing accounts, profiles and keys, and finding the profile of a key."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doubles import UncomparableKey, contents
from stores import Store
from webhooks.accounts.account import Account, AccountChange
from webhooks.accounts.keys import fingerprint
from webhooks.accounts.manager import AccountManager
from webhooks.errors import NotAuthenticated, UnknownAccount, UnknownProfile, UnknownProfileKey
from webhooks.store.connection import moment


@pytest.fixture
def account_manager(store: Store) -> AccountManager:
    return AccountManager(store.accounts)


def opened(account_manager: AccountManager) -> tuple[Account, str]:
    return account_manager.open_account(
        "Acme", "ops@acme.example", ("alt@acme.example",), "premium", ("messaging",)
    )


def test_a_new_account_has_a_primary_profile_with_its_title(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    profile = account_manager.caller_of(key, None)
    assert (profile.ref_id, profile.title, profile.is_primary) == (account.ref_id, "Acme", True)


def test_a_profile_key_selects_its_user_profile(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    shop, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    profile = account_manager.caller_of(key, shop_key)
    assert (profile.ref_id, profile.title, profile.is_primary) == (shop.ref_id, "Zoë's shop", False)


@pytest.mark.parametrize("api_key", [None, "", "rb_api_unknown"])
def test_a_missing_or_unknown_api_key_is_refused(account_manager: AccountManager, api_key: str | None) -> None:
    opened(account_manager)
    with pytest.raises(NotAuthenticated):
        account_manager.caller_of(api_key, None)


def test_keys_are_looked_up_by_their_fingerprints_and_not_compared(account_manager: AccountManager) -> None:
    """So the time that a look-up takes reveals nothing about a key."""
    account, key = opened(account_manager)
    shop, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    assert account_manager.caller_of(UncomparableKey(key), UncomparableKey(shop_key)).ref_id == shop.ref_id


def test_a_profile_key_is_not_accepted_as_an_api_key(account_manager: AccountManager) -> None:
    account, _ = opened(account_manager)
    _, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    with pytest.raises(NotAuthenticated):
        account_manager.caller_of(shop_key, shop_key)


def test_a_fingerprint_is_not_accepted_as_a_key(account_manager: AccountManager) -> None:
    """A fingerprint that leaks from Redis gives no access."""
    _, key = opened(account_manager)
    with pytest.raises(NotAuthenticated):
        account_manager.caller_of(fingerprint(key), None)


def test_another_accounts_profile_key_is_unknown(account_manager: AccountManager) -> None:
    _, key = opened(account_manager)
    other, other_key = opened(account_manager)
    _, others_shop_key = account_manager.add_profile(other.ref_id, "Not yours")
    for profile_key in (others_shop_key, other_key, key, "", "rb_profile_unknown"):
        with pytest.raises(UnknownProfileKey):
            account_manager.caller_of(key, profile_key)


def test_a_removed_profile_loses_its_key(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    shop, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    account_manager.remove_profile(shop)
    assert account_manager.user_profiles(account.ref_id) == []
    with pytest.raises(UnknownProfileKey):
        account_manager.caller_of(key, shop_key)


def test_a_replaced_api_key_is_valid_during_the_overlap(account_manager: AccountManager, store: Store) -> None:
    account, old = opened(account_manager)
    new, until = account_manager.replace_api_key(account.ref_id, timedelta(hours=1))
    assert re.fullmatch(r"rb_api_[\w-]{43}", new)
    assert until == moment(store.clock()) + timedelta(hours=1)
    assert {account_manager.caller_of(key, None).ref_id for key in (old, new)} == {account.ref_id}


def test_a_replaced_profile_key_is_valid_during_the_overlap(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    shop, old = account_manager.add_profile(account.ref_id, "Zoë's shop")
    new, _ = account_manager.replace_profile_key(shop, timedelta(hours=1))
    assert re.fullmatch(r"rb_profile_[\w-]{43}", new)
    assert {account_manager.caller_of(key, one).ref_id for one in (old, new)} == {shop.ref_id}


def test_a_key_replaced_without_an_overlap_is_refused(account_manager: AccountManager) -> None:
    account, old = opened(account_manager)
    shop, old_shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    new, _ = account_manager.replace_api_key(account.ref_id, timedelta())
    account_manager.replace_profile_key(shop, timedelta())
    with pytest.raises(NotAuthenticated):
        account_manager.caller_of(old, None)
    with pytest.raises(UnknownProfileKey):
        account_manager.caller_of(new, old_shop_key)


def test_a_user_profile_has_no_api_key_to_replace(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    shop, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    for ref_id in (shop.ref_id, "f" * 40):
        with pytest.raises(UnknownAccount):
            account_manager.replace_api_key(ref_id, timedelta())
    assert account_manager.caller_of(key, shop_key).ref_id == shop.ref_id


def test_a_removed_profile_loses_both_keys_of_an_overlap(account_manager: AccountManager) -> None:
    account, key = opened(account_manager)
    shop, old = account_manager.add_profile(account.ref_id, "Zoë's shop")
    new, _ = account_manager.replace_profile_key(shop, timedelta(days=30))
    account_manager.remove_profile(shop)
    for shop_key in (old, new):
        with pytest.raises(UnknownProfileKey):
            account_manager.caller_of(key, shop_key)
    with pytest.raises(UnknownProfile):
        account_manager.replace_profile_key(shop, timedelta())


def test_only_the_user_profiles_of_the_account_are_returned(account_manager: AccountManager) -> None:
    account, _ = opened(account_manager)
    other, _ = opened(account_manager)
    titles = ["one", "two"]
    for title in titles:
        account_manager.add_profile(account.ref_id, title)
    account_manager.add_profile(other.ref_id, "three")
    assert sorted(profile.title for profile in account_manager.user_profiles(account.ref_id)) == titles


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (AccountChange(), {}),
        (AccountChange(plan="enterprise"), {"plan": "enterprise"}),
        (AccountChange(email="new@acme.example"), {"email": "new@acme.example"}),
        (AccountChange(alt_emails=()), {"alt_emails": ()}),
        (AccountChange(add_ons=()), {"add_ons": ()}),
        (
            AccountChange(alt_emails=("a@acme.example", "b@acme.example"), plan="free"),
            {"alt_emails": ("a@acme.example", "b@acme.example"), "plan": "free"},
        ),
    ],
)
def test_a_change_affects_only_the_fields_that_it_names(
    account_manager: AccountManager, change: AccountChange, changed: dict[str, Any]
) -> None:
    """An empty list is a change; None is not."""
    ref_id = opened(account_manager)[0].ref_id
    before = account_manager.account(ref_id)
    assert account_manager.change_account(ref_id, change) == replace(before, **changed)
    assert account_manager.account(ref_id) == replace(before, **changed)


def test_the_ref_id_of_a_user_profile_is_not_that_of_an_account(account_manager: AccountManager) -> None:
    account, _ = opened(account_manager)
    shop, _ = account_manager.add_profile(account.ref_id, "Zoë's shop")
    for ref_id in (shop.ref_id, "f" * 40):
        with pytest.raises(UnknownAccount):
            account_manager.account(ref_id)
        with pytest.raises(UnknownAccount):
            account_manager.change_account(ref_id, AccountChange(plan="free"))


def test_keys_are_stored_as_fingerprints_only(account_manager: AccountManager, store: Store) -> None:
    account, key = opened(account_manager)
    _, shop_key = account_manager.add_profile(account.ref_id, "Zoë's shop")
    new, _ = account_manager.replace_api_key(account.ref_id, timedelta(hours=1))
    stored = str(contents(store.redis))
    assert not [one for one in (key, shop_key, new) if one in stored or one[-43:] in stored]
    assert not [one for one in (key, shop_key, new) if fingerprint(one) not in stored]
