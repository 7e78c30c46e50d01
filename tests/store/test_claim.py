"""Claiming: one worker at a time, nothing early, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from doubles import OK, REFUSED
from stores import Store
from webhooks.accounts.plans import Subscription
from webhooks.deliveries.claim import Claimed, Entry, new_token
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.deliveries.wakeup import WakeUp
from webhooks.http.call import Failure, Outcome
from webhooks.store.connection import milliseconds, moment

URL = "https://hooks.example/"
INTERRUPTED = Outcome(None, Failure.INTERRUPTED, 0)


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
    """Somebody has deleted it; what it was owed can still end."""
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


def test_a_lease_that_ran_out_is_claimed_again_as_a_retry(store: Store, profile: str) -> None:
    """The attempt may have arrived, so the body says `retry`; it counts as the same attempt."""
    hook_id = store.owed(profile)
    first = store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.claims([hook_id]).claims == []

    store.clock.advance(0.001)
    again = store.claim(hook_id)

    assert (again.number, again.retry) == (1, True)
    assert again.token != first.token


def test_a_lease_that_ran_out_is_a_line_in_the_log(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    begun = []
    for _ in range(2):
        begun.append(store.claim(hook_id, lease=15).began)
        store.clock.advance(15)
    store.claims([hook_id])

    assert store.delivery(hook_id).attempts == (
        Attempt(1, begun[0], retry=False, outcome=INTERRUPTED),
        Attempt(1, begun[1], retry=True, outcome=INTERRUPTED),
    )


def interrupt(store: Store, hook_id: str) -> None:
    """Claim a delivery, in whose attempt the worker then ends."""
    delivery = store.delivery(hook_id)
    assert delivery.due is not None
    store.clock.now = max(store.clock.now, milliseconds(delivery.due))
    if not store.claims([hook_id]).claims:  # it was set apart
        interrupt(store, hook_id)
    store.clock.advance(15)


def test_what_is_interrupted_again_and_again_is_parked(store: Store, profile: str) -> None:
    """It would end one worker after another for ever."""
    hook_id = store.owed(profile)
    for _ in range(MAX_INTERRUPTIONS):
        interrupt(store, hook_id)

    token = new_token()
    for _ in range(2):  # whoever does not get the answer asks again, and is told the same
        assert store.claims([hook_id], token=token) == Claimed([], [], interrupted_too_often=[hook_id], damaged=[])

    delivery = store.delivery(hook_id)
    assert (delivery.state, delivery.due, store.wakeup(hook_id)) == (State.EXHAUSTED, None, None)
    assert [attempt.outcome for attempt in delivery.attempts] == [INTERRUPTED] * MAX_INTERRUPTIONS
    assert store.redis.ttl(f"delivery:{hook_id}") > 0
    assert store.claims([hook_id]) == Claimed([], [], [], [])


def test_what_is_interrupted_twice_is_set_apart_from_its_neighbours(store: Store, profile: str) -> None:
    """Attempted together once more, they would all be parked for the sake of the one that ends the worker."""
    hook_ids = [store.owed(profile) for _ in range(20)]
    for _ in range(2):
        assert len(store.claims(hook_ids).claims) == 20
        store.clock.advance(15)

    assert store.claims(hook_ids).claims == []

    waits = [wait for hook_id in hook_ids if (wait := store.wakeup(hook_id)) is not None]
    assert len(set(waits)) > 10
    assert all(0 <= wait <= 30 for wait in waits)
    store.clock.advance(30)
    assert len(store.claims(hook_ids).claims) == 20


def test_whoever_comes_early_is_told_how_early(store: Store, profile: str) -> None:
    """Countdowns are moments by the clocks of the machines they pass, which may differ."""
    soon = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=5))
    later = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=5.001))
    assert store.claims([soon, later]) == Claimed(
        [], early=[WakeUp(soon, 5.0)], interrupted_too_often=[], damaged=[]
    )


def test_a_lease_is_not_early_until_shortly_before_its_end(store: Store, profile: str) -> None:
    """Whoever holds it will record it. If not by then, its worker has most likely died: the message is needed."""
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(9.999)
    assert store.claims([hook_id]) == Claimed([], [], [], [])
    store.clock.advance(0.001)
    assert store.claims([hook_id]) == Claimed(
        [], early=[WakeUp(hook_id, 5.0)], interrupted_too_often=[], damaged=[]
    )


def test_whoever_did_not_get_the_answer_asks_again(store: Store, profile: str) -> None:
    """With the same token: the claim is theirs, from now on, and was no interruption."""
    hook_id = store.owed(profile)
    token = new_token()
    store.claims([hook_id], token=token)
    store.clock.advance(3)

    (again,) = store.claims([hook_id], token=token).claims

    assert (again.token, again.number, again.retry) == (token, 1, False)
    assert store.wakeup(hook_id) == 15
    assert store.delivery(hook_id).attempts == ()


def test_a_claim_that_is_given_back_is_due_at_once_as_interrupted(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)

    assert store.ledger.release([claim]) == [hook_id]

    assert store.wakeup(hook_id) == 0
    assert store.record([Entry(claim, State.CANCELED)]) == [False]
    again = store.claim(hook_id)
    assert (again.number, again.retry) == (1, True)
    assert [attempt.outcome for attempt in store.delivery(hook_id).attempts] == [INTERRUPTED]


def test_a_claim_that_has_been_recorded_cannot_be_given_back(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.ledger.record([Entry(claim, State.CANCELED)])
    assert store.ledger.release([claim]) == []
    assert store.delivery(hook_id).state is State.CANCELED


def test_an_interruption_uses_up_no_attempt(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    again = store.claim(hook_id)
    store.ledger.record(
        [Entry(again, State.RETRYING, Attempt(1, again.began, retry=True, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(5)

    second = store.claim(hook_id)

    assert (second.number, second.retry) == (2, True)
    assert [(line.number, line.retry, line.outcome.failure) for line in store.delivery(hook_id).attempts] == [
        (1, False, Failure.INTERRUPTED),
        (1, True, None),
    ]


def test_an_attempt_that_was_recorded_leaves_no_interruption(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    first = store.claim(hook_id)
    store.ledger.record(
        [Entry(first, State.RETRYING, Attempt(1, first.began, retry=False, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(60)
    second = store.claim(hook_id)
    store.ledger.record([Entry(second, State.DELIVERED, Attempt(2, second.began, retry=True, outcome=OK))])

    assert [line.outcome for line in store.delivery(hook_id).attempts] == [REFUSED, OK]


def test_the_end_of_a_lease_is_when_the_alarm_rings(store: Store, profile: str) -> None:
    """So a worker's death is made good by the next sweep after it."""
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    assert store.wakeup(hook_id) == 15


def test_a_delivery_whose_attempt_is_under_way_has_no_due_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.delivery(hook_id).due is None


def test_a_delivery_whose_worker_died_is_due_at_the_end_of_its_lease(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    assert store.delivery(hook_id).due == moment(store.clock())


def lose_a_field(store: Store, key: str) -> None:
    store.redis.hdel(key, "owner")


def become_something_else(store: Store, key: str) -> None:
    store.redis.delete(key)
    store.redis.set(key, "no hash")


def hold_no_number(store: Store, key: str) -> None:
    store.redis.hset(key, mapping={"leasedAt": store.clock(), "interruptions": "many"})


@pytest.mark.parametrize("damage", [lose_a_field, become_something_else, hold_no_number])
def test_one_that_is_damaged_does_not_keep_its_neighbours_from_being_claimed(
    store: Store, profile: str, damage: Callable[[Store, str], None]
) -> None:
    first, damaged, last = (store.owed(profile) for _ in range(3))
    damage(store, f"delivery:{damaged}")
    claimed = store.claims([first, damaged, last])
    assert [claim.hook_id for claim in claimed.claims] == [first, last]
    assert claimed.damaged == [damaged]


@pytest.mark.parametrize("webhook", ["no JSON", "[]", "{}"])
def test_a_webhook_that_is_damaged_does_not_keep_neighbours_from_being_claimed(
    store: Store, profile: str, webhook: str
) -> None:
    """They have been leased by then, and without an answer nobody would call them."""
    first, damaged, last = (
        store.owed(ref_id) for ref_id in (profile, store.profile(profile, social=URL), profile)
    )
    store.redis.hset(f"webhooks:{store.redis.hget(f'delivery:{damaged}', 'owner')}", "social", webhook)
    claimed = store.claims([first, damaged, last])
    assert [claim.hook_id for claim in claimed.claims] == [first, last]
    assert claimed.damaged == [damaged]
