"""Who sees what of the log: an account all of its profiles, a Profile-Key its own, no one anything else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from stores import Store
from webhooks.delivery_log.entries import LogFilter, Span
from webhooks.delivery_log.listing import DeliveryLog
from webhooks.errors import InvalidInput, UnknownDelivery


@dataclass(frozen=True)
class Family:
    """An account with two user profiles, by their refIds; and a stranger with one."""

    primary: str
    shop: str
    sibling: str
    stranger: str
    of_stranger: str


@pytest.fixture
def family(store: Store) -> Family:
    primary, stranger = (store.account(social="https://hooks.example/") for _ in range(2))
    return Family(primary, store.profile(primary), store.profile(primary), stranger, store.profile(stranger))


@pytest.fixture
def delivery_log(store: Store) -> DeliveryLog:
    return DeliveryLog(store.records, store.accounts)


def asked(store: Store, caller: str, ref_id: str | None = None) -> Span:
    """Return what a caller may look at when it asks for a profile."""
    profile = store.accounts.profile(caller)
    assert profile is not None
    return DeliveryLog(store.records, store.accounts).span(profile, None, None, ref_id)


def test_the_primary_profile_asks_for_all_or_for_one(store: Store, family: Family) -> None:
    assert asked(store, family.primary) == Span(family.primary)
    assert asked(store, family.primary, family.primary) == Span(family.primary, family.primary)
    assert asked(store, family.primary, family.shop) == Span(family.primary, family.shop)


def test_a_user_profile_asks_for_its_own(store: Store, family: Family) -> None:
    assert asked(store, family.shop) == Span(family.primary, family.shop)
    assert asked(store, family.shop, family.shop) == Span(family.primary, family.shop)


def test_anything_else_is_refused_alike(store: Store, family: Family) -> None:
    """Whether another caller has this refId is not told."""
    foreign = [(family.shop, family.primary), (family.shop, family.sibling)]
    for caller in (family.primary, family.shop):
        foreign += [(caller, other) for other in (family.stranger, family.of_stranger, "f" * 40)]
    for caller, ref_id in foreign:
        with pytest.raises(InvalidInput) as refused:
            asked(store, caller, ref_id)
        assert refused.value.errors == {"refId": ["None of your profiles has it."]}


def test_a_delivery_is_shown_to_its_account(store: Store, delivery_log: DeliveryLog, family: Family) -> None:
    hook_id = store.owed(family.shop)
    assert delivery_log.delivery(family.primary, hook_id) == store.delivery(hook_id)
    for account, hook in ((family.stranger, hook_id), (family.primary, "neverHeardOf")):
        with pytest.raises(UnknownDelivery):
            delivery_log.delivery(account, hook)


def test_a_foreign_delivery_in_a_list_is_left_out(store: Store, delivery_log: DeliveryLog, family: Family) -> None:
    """A caller that came to write it there."""
    foreign = store.owed(family.stranger)
    store.redis.xadd(f"deliveries:{family.primary}", {"hookId": foreign, "action": "social"})
    assert delivery_log.page(Span(family.primary), LogFilter(), 100).deliveries == []
