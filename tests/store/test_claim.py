"""Claiming: due deliveries are leased with all that an attempt needs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.claim_scene import URL
from stores import Store
from webhooks.accounts.plans import Subscription
from webhooks.deliveries.claim import Claimed, Entry
from webhooks.deliveries.delivery import State
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account("Acme", social=URL)


def test_a_claim_contains_all_that_an_attempt_needs(store: Store, profile: str) -> None:
    store.register(profile, "social", URL, sealed_secret="sealed")
    shop = store.profile(profile, "Zoë's shop")
    hook_id = store.owed(shop, payload='{"n":1}')

    claim = store.claim(hook_id)

    assert (claim.hook_id, claim.action, claim.payload) == (hook_id, "social", '{"n":1}')
    assert (claim.owner, claim.title) == (profile, "Zoë's shop")
    assert (claim.url, claim.sealed_secrets) == (URL, ("sealed",))
    assert (claim.number, claim.retry, claim.began) == (1, False, moment(store.clock()))


def test_a_delivery_that_is_not_due_is_not_claimed(store: Store, profile: str) -> None:
    due, leased, ended = (store.owed(profile) for _ in range(3))
    later = store.owed(profile, due=moment(store.clock()) + timedelta(minutes=1))
    store.claim(leased)
    store.ledger.record([Entry(store.claim(ended), State.CANCELED)])

    claimed = store.claims(["neverHeardOf", later, ended, leased, due])

    assert [claim.hook_id for claim in claimed.claims] == [due]


def test_an_id_twice_in_a_message_is_claimed_once(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    assert len(store.claims([hook_id, hook_id]).claims) == 1


def test_a_claim_without_ids_is_empty(store: Store) -> None:
    assert store.claims([]) == Claimed([], [], [], [])


def test_a_scheduled_delivery_is_claimed_at_its_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(59.999)
    assert store.claims([hook_id]).claims == []
    store.clock.advance(0.001)
    assert len(store.claims([hook_id]).claims) == 1


def test_a_claim_has_the_current_url_and_secret(store: Store, profile: str) -> None:
    """They are read anew for each attempt (contract section 2)."""
    hook_id = store.owed(profile)
    store.register(profile, "social", "https://moved.example/", sealed_secret="rotated")
    claim = store.claim(hook_id)
    assert (claim.url, claim.sealed_secrets) == ("https://moved.example/", ("rotated",))


def test_a_claim_has_the_current_plan_and_add_ons(store: Store, profile: str) -> None:
    """Deliveries of several accounts may be claimed together; the profiles of an account share its plan."""
    shop, other = store.profile(profile), store.account(social=URL)
    hook_ids = [store.owed(ref_id) for ref_id in (profile, other, shop)]
    store.change_plan(profile, "enterprise", "messaging")
    paid = [claim.subscription for claim in store.claims(hook_ids).claims]
    more = Subscription("enterprise", ("messaging",))
    assert paid == [more, Subscription("business"), more]


def test_a_claim_of_a_missing_account_has_no_plan(store: Store, profile: str) -> None:
    """An account that was deleted by hand: its owed deliveries can still end."""
    hook_id = store.owed(profile)
    store.redis.delete(f"account:{profile}")
    assert store.claim(hook_id).subscription == Subscription("")


def test_a_claim_has_the_platform_of_the_event(store: Store, profile: str) -> None:
    """A platform that makes no difference takes no memory."""
    ordinary = store.owed(profile)
    store.change_plan(profile, "enterprise", "messaging")
    store.register(profile, "messages", URL)
    special = store.owed(profile, action="messages", platform="twitter")
    assert [claim.platform for claim in store.claims([ordinary, special]).claims] == [None, "twitter"]
    assert not store.redis.hexists(f"delivery:{ordinary}", "platform")


def test_a_claim_without_a_webhook_has_no_url(store: Store, profile: str) -> None:
    """Not even that of the primary profile: the webhook was chosen when the event was accepted."""
    shop = store.profile(profile, social="https://shop.example/")
    hook_id = store.owed(shop)
    store.webhooks.remove(shop, "social")
    assert store.claim(hook_id).url is None
