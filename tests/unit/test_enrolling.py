"""Enrolling accounts and profiles, and telling from a key who calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts import Account, AccountChange
from webhooks.enrolling import Enrolling
from webhooks.errors import NotAuthenticated, UnknownAccount, UnknownProfileKey
from webhooks.keys import fingerprint


@pytest.fixture
def enrolling(store: Store) -> Enrolling:
    return Enrolling(store.accounts)


def opened(enrolling: Enrolling) -> tuple[Account, str]:
    return enrolling.open_account("Acme", "ops@acme.example", ("alt@acme.example",), "premium", ("messaging",))


def test_a_new_account_has_a_primary_profile_with_its_title(enrolling: Enrolling) -> None:
    account, key = opened(enrolling)
    profile = enrolling.who_calls(key, None)
    assert (profile.ref_id, profile.title, profile.is_primary) == (account.ref_id, "Acme", True)


def test_a_user_profile_is_called_for_by_its_key(enrolling: Enrolling) -> None:
    account, key = opened(enrolling)
    shop, shop_key = enrolling.add_profile(account.ref_id, "Zoë's shop")
    called = enrolling.who_calls(key, shop_key)
    assert (called.ref_id, called.title, called.is_primary) == (shop.ref_id, "Zoë's shop", False)


@pytest.mark.parametrize("api_key", [None, "", "rb_api_unknown"])
def test_without_a_known_api_key_nobody_calls(enrolling: Enrolling, api_key: str | None) -> None:
    opened(enrolling)
    with pytest.raises(NotAuthenticated):
        enrolling.who_calls(api_key, None)


def test_a_profile_key_is_no_api_key(enrolling: Enrolling) -> None:
    account, _ = opened(enrolling)
    _, shop_key = enrolling.add_profile(account.ref_id, "Zoë's shop")
    with pytest.raises(NotAuthenticated):
        enrolling.who_calls(shop_key, shop_key)


def test_a_fingerprint_is_no_key(enrolling: Enrolling) -> None:
    """What somebody reads in Redis opens nothing."""
    _, key = opened(enrolling)
    with pytest.raises(NotAuthenticated):
        enrolling.who_calls(fingerprint(key), None)


def test_another_accounts_profile_key_is_unknown(enrolling: Enrolling) -> None:
    _, key = opened(enrolling)
    other, other_key = opened(enrolling)
    _, others_shop_key = enrolling.add_profile(other.ref_id, "Not yours")
    for profile_key in (others_shop_key, other_key, key, "", "rb_profile_unknown"):
        with pytest.raises(UnknownProfileKey):
            enrolling.who_calls(key, profile_key)


def test_a_removed_profile_is_gone_with_its_key(enrolling: Enrolling) -> None:
    account, key = opened(enrolling)
    shop, shop_key = enrolling.add_profile(account.ref_id, "Zoë's shop")
    enrolling.remove_profile(shop)
    assert enrolling.user_profiles(account.ref_id) == []
    with pytest.raises(UnknownProfileKey):
        enrolling.who_calls(key, shop_key)


def test_user_profiles_are_those_of_the_account(enrolling: Enrolling) -> None:
    account, _ = opened(enrolling)
    other, _ = opened(enrolling)
    titles = ["one", "two"]
    for title in titles:
        enrolling.add_profile(account.ref_id, title)
    enrolling.add_profile(other.ref_id, "three")
    assert sorted(profile.title for profile in enrolling.user_profiles(account.ref_id)) == titles


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
def test_a_change_touches_what_it_names(
    enrolling: Enrolling, change: AccountChange, changed: dict[str, Any]
) -> None:
    """An empty list is a change; None is none."""
    ref_id = opened(enrolling)[0].ref_id
    before = enrolling.account(ref_id)
    assert enrolling.change_account(ref_id, change) == replace(before, **changed)
    assert enrolling.account(ref_id) == replace(before, **changed)


def test_an_account_is_known_by_its_own_ref_id_only(enrolling: Enrolling) -> None:
    account, _ = opened(enrolling)
    shop, _ = enrolling.add_profile(account.ref_id, "Zoë's shop")
    for ref_id in (shop.ref_id, "f" * 40):
        with pytest.raises(UnknownAccount):
            enrolling.account(ref_id)
        with pytest.raises(UnknownAccount):
            enrolling.change_account(ref_id, AccountChange(plan="free"))


def test_keys_are_stored_as_fingerprints_only(enrolling: Enrolling, store: Store) -> None:
    account, key = opened(enrolling)
    _, shop_key = enrolling.add_profile(account.ref_id, "Zoë's shop")
    stored = str(contents(store.redis))
    assert key not in stored
    assert shop_key not in stored
