"""Accounts, profiles and the fingerprints of their keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts.account import MAX_PROFILES, Account, AccountChange, Profile
from webhooks.accounts.plans import Subscription
from webhooks.errors import KeyReplaced, OldKeyStillValid, TooManyProfiles, UnknownProfile
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


def test_an_account_is_read_as_it_was_stored(store: Store) -> None:
    assert store.accounts.account(ACCOUNT.ref_id) == ACCOUNT


def test_an_account_without_add_ons_is_read_without_them(store: Store) -> None:
    bare = replace(ACCOUNT, ref_id="c" * 40, alt_emails=(), add_ons=())
    store.accounts.add_account(bare, "fingerprint-c")
    assert store.accounts.account(bare.ref_id) == bare


def test_a_changed_account_is_read_with_its_changes(store: Store) -> None:
    store.accounts.change_account(ACCOUNT.ref_id, AccountChange("new@example.com", (), "free", ()))
    changed = replace(ACCOUNT, plan="free", add_ons=(), email="new@example.com", alt_emails=())
    assert store.accounts.account(ACCOUNT.ref_id) == changed


def test_a_change_affects_only_its_fields(store: Store) -> None:
    """Two operators may change different fields at the same time."""
    for change in (AccountChange(plan="free"), AccountChange(email="new@example.com"), AccountChange()):
        store.accounts.change_account(ACCOUNT.ref_id, change)
    assert store.accounts.account(ACCOUNT.ref_id) == replace(ACCOUNT, plan="free", email="new@example.com")


def test_the_current_plan_and_add_ons_count(store: Store) -> None:
    assert store.accounts.subscription(ACCOUNT.ref_id) == Subscription("enterprise", ("messaging",))
    store.accounts.change_account(ACCOUNT.ref_id, AccountChange(plan="launch", add_ons=()))
    assert store.accounts.subscription(ACCOUNT.ref_id) == Subscription("launch")


def test_an_unknown_account_has_no_plan(store: Store) -> None:
    assert store.accounts.subscription("f" * 40) == Subscription("")


@pytest.mark.parametrize("ref_id", [SHOP.ref_id, "f" * 40])
def test_the_ref_id_of_a_user_profile_is_not_an_account(store: Store, ref_id: str) -> None:
    assert store.accounts.account(ref_id) is None


def test_a_key_selects_its_profile(store: Store) -> None:
    primary = store.accounts.profile_by_key("fingerprint-a")
    assert primary == Profile(ACCOUNT.ref_id, ACCOUNT.ref_id, ACCOUNT.title, CREATED)
    assert store.accounts.profile_by_key("fingerprint-b") == SHOP
    assert store.accounts.profile_by_key("fingerprint-c") is None


def test_user_profiles_are_listed_oldest_first(store: Store) -> None:
    """Without the primary profile, and without those of other accounts."""
    older = replace(SHOP, ref_id="d" * 40, created=CREATED - timedelta(seconds=1))
    newer = replace(SHOP, ref_id="1" * 40, created=CREATED + timedelta(seconds=1))
    for number, profile in enumerate((newer, older)):
        store.accounts.add_profile(profile, f"fingerprint-{number}")
    store.profile(store.account())

    assert store.accounts.user_profiles(ACCOUNT.ref_id) == [older, SHOP, newer]


def test_an_account_without_user_profiles_lists_none(store: Store) -> None:
    assert store.accounts.user_profiles(store.account()) == []


def valid(store: Store) -> set[str]:
    """Return the valid fingerprints of the shop's keys."""
    names = ("fingerprint-b", "new", "newer", "newest")
    return {name for name in names if store.accounts.profile_by_key(name) == SHOP}


def test_a_replaced_key_stays_valid_beside_the_new_one(store: Store) -> None:
    until = store.accounts.replace_key(SHOP.ref_id, "new", timedelta(hours=24))
    assert until == moment(store.clock()) + timedelta(hours=24)
    assert valid(store) == {"fingerprint-b", "new"}


def test_a_replaced_key_ends_by_the_clock_of_redis(store: Store) -> None:
    store.accounts.replace_key(SHOP.ref_id, "new", timedelta(seconds=90))
    assert 80_000 < store.redis.pttl("key:fingerprint-b") <= 90_000
    assert store.redis.pttl("key:new") == -1

    store.redis.pexpire("key:fingerprint-b", 0)  # as if the time had come
    assert valid(store) == {"new"}


def test_without_an_overlap_the_old_key_ends_at_once(store: Store) -> None:
    assert store.accounts.replace_key(SHOP.ref_id, "new", timedelta()) == moment(store.clock())
    assert valid(store) == {"new"}


def test_only_the_newest_two_keys_are_valid(store: Store) -> None:
    for name in ("new", "newer", "newest"):
        store.accounts.replace_key(SHOP.ref_id, name, timedelta(hours=1))
        store.clock.advance(3600)
    assert valid(store) == {"newer", "newest"}


def test_a_third_key_is_refused_while_the_first_is_valid(store: Store) -> None:
    until = store.accounts.replace_key(SHOP.ref_id, "new", timedelta(hours=1))
    before = contents(store.redis)
    with pytest.raises(OldKeyStillValid, match=f"{until:%Y-%m-%dT%H:%M:%SZ}"):
        store.accounts.replace_key(SHOP.ref_id, "newer", timedelta(milliseconds=1))
    assert contents(store.redis) == before


def test_only_the_newest_key_can_be_replaced(store: Store) -> None:
    store.accounts.replace_key(SHOP.ref_id, "new", timedelta(hours=1), "fingerprint-b")
    before = contents(store.redis)
    with pytest.raises(KeyReplaced):
        store.accounts.replace_key(SHOP.ref_id, "newer", timedelta(), "fingerprint-b")
    assert contents(store.redis) == before
    store.accounts.replace_key(SHOP.ref_id, "newer", timedelta(), "new")
    assert valid(store) == {"newer"}


def test_without_an_overlap_all_older_keys_end_at_once(store: Store) -> None:
    store.accounts.replace_key(SHOP.ref_id, "new", timedelta(days=30))
    store.accounts.replace_key(SHOP.ref_id, "newer", timedelta())
    assert valid(store) == {"newer"}


@pytest.mark.parametrize("overlap", [timedelta(), timedelta(hours=1)])
def test_a_replacement_may_be_repeated_after_a_lost_answer(store: Store, overlap: timedelta) -> None:
    store.accounts.replace_key(SHOP.ref_id, "new", timedelta(), "fingerprint-b")
    until = store.accounts.replace_key(SHOP.ref_id, "newer", overlap, "new")
    before = contents(store.redis)
    store.clock.advance(60)
    assert store.accounts.replace_key(SHOP.ref_id, "newer", overlap, "new") == until
    assert contents(store.redis) == before
    assert (store.redis.pttl("key:new") > 3_500_000) is bool(overlap)


def test_two_keys_stay_valid_after_concurrent_replacements(store: Store) -> None:
    names = [f"new-{number}" for number in range(20)]

    def replace_key(name: str) -> bool:
        with suppress(KeyReplaced):
            store.accounts.replace_key(SHOP.ref_id, name, timedelta(hours=1), "fingerprint-b")
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replace_key, names)) == 1
    left = {key.removeprefix("key:") for key in store.redis.keys("key:*")} - {"fingerprint-a"}
    assert len(left) == 2
    assert left < {"fingerprint-b", *names}


def test_an_accounts_key_is_replaced_like_a_profiles(store: Store) -> None:
    store.accounts.replace_key(ACCOUNT.ref_id, "new", timedelta())
    primary = store.accounts.profile_by_key("new")
    assert primary is not None
    assert primary.is_primary
    assert store.accounts.profile_by_key("fingerprint-a") is None
    assert valid(store) == {"fingerprint-b"}


def test_a_removed_profile_gets_no_key(store: Store) -> None:
    store.accounts.remove_profile(SHOP)
    before = contents(store.redis)
    with pytest.raises(UnknownProfile):
        store.accounts.replace_key(SHOP.ref_id, "new", timedelta(hours=1))
    assert contents(store.redis) == before


def test_a_removed_profile_gets_no_title(store: Store) -> None:
    store.accounts.rename_profile(SHOP.ref_id, "new")
    assert store.accounts.profile(SHOP.ref_id) == replace(SHOP, title="new")
    store.accounts.remove_profile(SHOP)
    before = contents(store.redis)
    with pytest.raises(UnknownProfile):
        store.accounts.rename_profile(SHOP.ref_id, "newer")
    assert contents(store.redis) == before


def test_removing_a_profile_ends_all_its_keys(store: Store) -> None:
    before = contents(store.redis)
    shop = replace(SHOP, ref_id="c" * 40)
    store.accounts.add_profile(shop, "first")
    store.accounts.replace_key(shop.ref_id, "second", timedelta(days=30))
    store.accounts.remove_profile(shop)
    store.accounts.remove_profile(shop)  # as another caller does at the same moment
    assert contents(store.redis) == before


def test_no_key_of_redis_remains_of_a_removed_profile(store: Store) -> None:
    """Its key, secrets and webhooks are gone; the account is unchanged."""
    store.accounts.remove_profile(SHOP)
    before = contents(store.redis)

    store.accounts.add_profile(SHOP, "fingerprint-b")
    store.register(SHOP.ref_id, "social", "https://shop.example/", sealed_secret="sealed")
    store.set_secret(SHOP.ref_id, "sealed anew")
    store.accounts.remove_profile(SHOP)

    assert contents(store.redis) == before
    assert not [key for key in before if SHOP.ref_id in key or "fingerprint-b" in key]
    assert store.accounts.account(ACCOUNT.ref_id) == ACCOUNT


def test_an_account_has_a_limited_number_of_user_profiles(store: Store) -> None:
    others = [f"{number:040x}" for number in range(MAX_PROFILES - 2)]
    store.redis.sadd(f"profiles:{ACCOUNT.ref_id}", *others)
    last, one_more = (replace(SHOP, ref_id=letter * 40) for letter in "cd")
    store.accounts.add_profile(last, "fingerprint-c")
    before = contents(store.redis)

    with pytest.raises(TooManyProfiles):
        store.accounts.add_profile(one_more, "fingerprint-d")
    store.accounts.add_profile(last, "fingerprint-c")  # as if the first answer had been lost

    assert contents(store.redis) == before
    assert store.accounts.profile_by_key("fingerprint-c") == last

    store.accounts.remove_profile(last)
    store.accounts.add_profile(one_more, "fingerprint-d")
