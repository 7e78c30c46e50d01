"""Claiming: what is due is leased, with what an attempt needs."""

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


def test_a_claim_holds_what_an_attempt_needs(store: Store, profile: str) -> None:
    store.register(profile, "social", URL, sealed_secret="sealed")
    shop = store.profile(profile, "Zoë's shop")
    hook_id = store.owed(shop, payload='{"n":1}')

    claim = store.claim(hook_id)

    assert (claim.hook_id, claim.action, claim.payload) == (hook_id, "social", '{"n":1}')
    assert (claim.owner, claim.title) == (profile, "Zoë's shop")
    assert (claim.url, claim.sealed_secrets) == (URL, ("sealed",))
    assert (claim.number, claim.retry, claim.began) == (1, False, moment(store.clock()))


def test_what_is_not_due_leased_ended_or_unknown_is_left_out(store: Store, profile: str) -> None:
    due, leased, ended = (store.owed(profile) for _ in range(3))
    later = store.owed(profile, due=moment(store.clock()) + timedelta(minutes=1))
    store.claim(leased)
    store.ledger.record([Entry(store.claim(ended), State.CANCELED)])

    claimed = store.claims(["neverHeardOf", later, ended, leased, due])

    assert [claim.hook_id for claim in claimed.claims] == [due]


def test_an_id_twice_in_a_message_is_claimed_once(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    assert len(store.claims([hook_id, hook_id]).claims) == 1


def test_a_claim_of_nothing_is_nothing(store: Store) -> None:
    assert store.claims([]) == Claimed([], [], [], [])


def test_a_scheduled_delivery_is_claimed_at_its_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(59.999)
    assert store.claims([hook_id]).claims == []
    store.clock.advance(0.001)
    assert len(store.claims([hook_id]).claims) == 1


def test_the_url_and_the_secret_are_those_of_the_moment(store: Store, profile: str) -> None:
    """Read afresh at each attempt (contract section 2)."""
    hook_id = store.owed(profile)
    store.register(profile, "social", "https://moved.example/", sealed_secret="rotated")
    claim = store.claim(hook_id)
    assert (claim.url, claim.sealed_secrets) == ("https://moved.example/", ("rotated",))


def test_what_is_paid_for_is_that_of_the_moment(store: Store, profile: str) -> None:
    """Of each account, though they are claimed together; and the profiles of one pay together."""
    shop, other = store.profile(profile), store.account(social=URL)
    hook_ids = [store.owed(ref_id) for ref_id in (profile, other, shop)]
    store.change_plan(profile, "enterprise", "messaging")
    paid = [claim.subscription for claim in store.claims(hook_ids).claims]
    more = Subscription("enterprise", ("messaging",))
    assert paid == [more, Subscription("business"), more]


def test_an_account_that_is_not_there_pays_for_nothing(store: Store, profile: str) -> None:
    """Someone has deleted it; what it was owed can still end."""
    hook_id = store.owed(profile)
    store.redis.delete(f"account:{profile}")
    assert store.claim(hook_id).subscription == Subscription("")


def test_a_platform_comes_back_if_it_had_to_be_known(store: Store, profile: str) -> None:
    """What need not be known takes no room."""
    ordinary = store.owed(profile)
    store.change_plan(profile, "enterprise", "messaging")
    store.register(profile, "messages", URL)
    special = store.owed(profile, action="messages", platform="twitter")
    assert [claim.platform for claim in store.claims([ordinary, special]).claims] == [None, "twitter"]
    assert not store.redis.hexists(f"delivery:{ordinary}", "platform")


def test_a_removed_webhook_leaves_no_url(store: Store, profile: str) -> None:
    """Not even the primary's instead: whose webhook is called was settled when the event came."""
    shop = store.profile(profile, social="https://shop.example/")
    hook_id = store.owed(shop)
    store.webhooks.remove(shop, "social")
    assert store.claim(hook_id).url is None
