"""Enrolling accounts and profiles, and telling from a key who calls."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doubles import UncomparableKey, contents
from stores import Store
from webhooks.accounts.account import Account, AccountChange
from webhooks.accounts.enrolment import Enrolment
from webhooks.accounts.keys import fingerprint
from webhooks.errors import NotAuthenticated, UnknownAccount, UnknownProfile, UnknownProfileKey
from webhooks.store.connection import moment


@pytest.fixture
def enrolment(store: Store) -> Enrolment:
    return Enrolment(store.accounts)


def opened(enrolment: Enrolment) -> tuple[Account, str]:
    return enrolment.open_account("Acme", "ops@acme.example", ("alt@acme.example",), "premium", ("messaging",))


def test_a_new_account_has_a_primary_profile_with_its_title(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    profile = enrolment.caller_of(key, None)
    assert (profile.ref_id, profile.title, profile.is_primary) == (account.ref_id, "Acme", True)


def test_a_user_profile_is_called_for_by_its_key(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    shop, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    called = enrolment.caller_of(key, shop_key)
    assert (called.ref_id, called.title, called.is_primary) == (shop.ref_id, "Zoë's shop", False)


@pytest.mark.parametrize("api_key", [None, "", "rb_api_unknown"])
def test_without_a_known_api_key_no_one_calls(enrolment: Enrolment, api_key: str | None) -> None:
    opened(enrolment)
    with pytest.raises(NotAuthenticated):
        enrolment.caller_of(api_key, None)


def test_keys_are_looked_up_by_their_fingerprints_and_not_compared(enrolment: Enrolment) -> None:
    """So the time it takes tells nothing of a key."""
    account, key = opened(enrolment)
    shop, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    assert enrolment.caller_of(UncomparableKey(key), UncomparableKey(shop_key)).ref_id == shop.ref_id


def test_a_profile_key_is_no_api_key(enrolment: Enrolment) -> None:
    account, _ = opened(enrolment)
    _, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    with pytest.raises(NotAuthenticated):
        enrolment.caller_of(shop_key, shop_key)


def test_a_fingerprint_is_no_key(enrolment: Enrolment) -> None:
    """What someone reads in Redis opens nothing."""
    _, key = opened(enrolment)
    with pytest.raises(NotAuthenticated):
        enrolment.caller_of(fingerprint(key), None)


def test_another_accounts_profile_key_is_unknown(enrolment: Enrolment) -> None:
    _, key = opened(enrolment)
    other, other_key = opened(enrolment)
    _, others_shop_key = enrolment.add_profile(other.ref_id, "Not yours")
    for profile_key in (others_shop_key, other_key, key, "", "rb_profile_unknown"):
        with pytest.raises(UnknownProfileKey):
            enrolment.caller_of(key, profile_key)


def test_a_removed_profile_is_gone_with_its_key(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    shop, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    enrolment.remove_profile(shop)
    assert enrolment.user_profiles(account.ref_id) == []
    with pytest.raises(UnknownProfileKey):
        enrolment.caller_of(key, shop_key)


def test_a_replaced_api_key_is_valid_for_its_grace(enrolment: Enrolment, store: Store) -> None:
    account, old = opened(enrolment)
    new, until = enrolment.replace_api_key(account.ref_id, timedelta(hours=1))
    assert re.fullmatch(r"rb_api_[\w-]{43}", new)
    assert until == moment(store.clock()) + timedelta(hours=1)
    assert {enrolment.caller_of(key, None).ref_id for key in (old, new)} == {account.ref_id}


def test_a_replaced_profile_key_is_valid_for_its_grace(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    shop, old = enrolment.add_profile(account.ref_id, "Zoë's shop")
    new, _ = enrolment.replace_profile_key(shop, timedelta(hours=1))
    assert re.fullmatch(r"rb_profile_[\w-]{43}", new)
    assert {enrolment.caller_of(key, one).ref_id for one in (old, new)} == {shop.ref_id}


def test_a_key_that_was_replaced_without_grace_opens_nothing(enrolment: Enrolment) -> None:
    account, old = opened(enrolment)
    shop, old_shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    new, _ = enrolment.replace_api_key(account.ref_id, timedelta())
    enrolment.replace_profile_key(shop, timedelta())
    with pytest.raises(NotAuthenticated):
        enrolment.caller_of(old, None)
    with pytest.raises(UnknownProfileKey):
        enrolment.caller_of(new, old_shop_key)


def test_a_user_profile_has_no_api_key_to_replace(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    shop, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    for ref_id in (shop.ref_id, "f" * 40):
        with pytest.raises(UnknownAccount):
            enrolment.replace_api_key(ref_id, timedelta())
    assert enrolment.caller_of(key, shop_key).ref_id == shop.ref_id


def test_a_removed_profile_is_gone_with_both_its_keys(enrolment: Enrolment) -> None:
    account, key = opened(enrolment)
    shop, old = enrolment.add_profile(account.ref_id, "Zoë's shop")
    new, _ = enrolment.replace_profile_key(shop, timedelta(days=30))
    enrolment.remove_profile(shop)
    for shop_key in (old, new):
        with pytest.raises(UnknownProfileKey):
            enrolment.caller_of(key, shop_key)
    with pytest.raises(UnknownProfile):
        enrolment.replace_profile_key(shop, timedelta())


def test_user_profiles_are_those_of_the_account(enrolment: Enrolment) -> None:
    account, _ = opened(enrolment)
    other, _ = opened(enrolment)
    titles = ["one", "two"]
    for title in titles:
        enrolment.add_profile(account.ref_id, title)
    enrolment.add_profile(other.ref_id, "three")
    assert sorted(profile.title for profile in enrolment.user_profiles(account.ref_id)) == titles


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
    enrolment: Enrolment, change: AccountChange, changed: dict[str, Any]
) -> None:
    """An empty list is a change; None is none."""
    ref_id = opened(enrolment)[0].ref_id
    before = enrolment.account(ref_id)
    assert enrolment.change_account(ref_id, change) == replace(before, **changed)
    assert enrolment.account(ref_id) == replace(before, **changed)


def test_an_account_is_known_by_its_own_ref_id_only(enrolment: Enrolment) -> None:
    account, _ = opened(enrolment)
    shop, _ = enrolment.add_profile(account.ref_id, "Zoë's shop")
    for ref_id in (shop.ref_id, "f" * 40):
        with pytest.raises(UnknownAccount):
            enrolment.account(ref_id)
        with pytest.raises(UnknownAccount):
            enrolment.change_account(ref_id, AccountChange(plan="free"))


def test_keys_are_stored_as_fingerprints_only(enrolment: Enrolment, store: Store) -> None:
    account, key = opened(enrolment)
    _, shop_key = enrolment.add_profile(account.ref_id, "Zoë's shop")
    new, _ = enrolment.replace_api_key(account.ref_id, timedelta(hours=1))
    stored = str(contents(store.redis))
    assert not [one for one in (key, shop_key, new) if one in stored or one[-43:] in stored]
    assert not [one for one in (key, shop_key, new) if fingerprint(one) not in stored]
