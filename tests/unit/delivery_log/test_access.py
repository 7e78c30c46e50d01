"""Access to the log: an account sees all of its profiles, and a Profile-Key only its own profile."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from stores import Store
from webhooks.delivery_log.entries import LogFilter, Span
from webhooks.delivery_log.log import DeliveryLog
from webhooks.errors import InvalidInput, UnknownDelivery


@dataclass(frozen=True)
class Profiles:
    """The refIds of an account with two user profiles, and of another account with one."""

    primary: str
    shop: str
    sibling: str
    other_account: str
    other_profile: str


@pytest.fixture
def profiles(store: Store) -> Profiles:
    primary, other_account = (store.account(social="https://hooks.example/") for _ in range(2))
    return Profiles(
        primary, store.profile(primary), store.profile(primary), other_account, store.profile(other_account)
    )


@pytest.fixture
def delivery_log(store: Store) -> DeliveryLog:
    return DeliveryLog(store.records, store.accounts)


def span_of(store: Store, caller: str, ref_id: str | None = None) -> Span:
    """Return the part of the log that a caller gets when it asks for a profile."""
    profile = store.accounts.profile(caller)
    assert profile is not None
    return DeliveryLog(store.records, store.accounts).span(profile, None, None, ref_id)


def test_the_primary_profile_may_read_all_profiles_or_one(store: Store, profiles: Profiles) -> None:
    assert span_of(store, profiles.primary) == Span(profiles.primary)
    assert span_of(store, profiles.primary, profiles.primary) == Span(profiles.primary, profiles.primary)
    assert span_of(store, profiles.primary, profiles.shop) == Span(profiles.primary, profiles.shop)


def test_a_user_profile_may_read_its_own_deliveries(store: Store, profiles: Profiles) -> None:
    assert span_of(store, profiles.shop) == Span(profiles.primary, profiles.shop)
    assert span_of(store, profiles.shop, profiles.shop) == Span(profiles.primary, profiles.shop)


def test_every_other_profile_is_refused_with_the_same_error(store: Store, profiles: Profiles) -> None:
    """The error does not reveal whether the refId exists."""
    foreign = [(profiles.shop, profiles.primary), (profiles.shop, profiles.sibling)]
    for caller in (profiles.primary, profiles.shop):
        foreign += [(caller, other) for other in (profiles.other_account, profiles.other_profile, "f" * 40)]
    for caller, ref_id in foreign:
        with pytest.raises(InvalidInput) as refused:
            span_of(store, caller, ref_id)
        assert refused.value.errors == {"refId": ["None of your profiles has it."]}


def test_a_delivery_is_shown_to_its_account(store: Store, delivery_log: DeliveryLog, profiles: Profiles) -> None:
    hook_id = store.owed(profiles.shop)
    assert delivery_log.delivery(profiles.primary, hook_id) == store.delivery(hook_id)
    for account, hook in ((profiles.other_account, hook_id), (profiles.primary, "neverHeardOf")):
        with pytest.raises(UnknownDelivery):
            delivery_log.delivery(account, hook)


def test_another_accounts_delivery_in_a_list_is_left_out(
    store: Store, delivery_log: DeliveryLog, profiles: Profiles
) -> None:
    """For example after a manual change in Redis."""
    foreign = store.owed(profiles.other_account)
    store.redis.xadd(f"deliveries:{profiles.primary}", {"hookId": foreign, "action": "social"})
    assert delivery_log.page(Span(profiles.primary), LogFilter(), 100).deliveries == []
