"""Deferred sets of unresponsive receivers: few are resumed, and new deliveries wait with the others."""

from __future__ import annotations

from collections import Counter

import pytest

from store.conftest import ON_A_REAL_ONE
from store.deferring import (
    UNRESPONSIVE,
    defer,
    defer_all_of,
    full,
    resume,
    resume_and_claim,
    unresponsive,
)
from stores import Store, new_delivery
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import State
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def test_few_are_resumed_at_first(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile) for _ in range(100)], UNRESPONSIVE)
    assert [len(resume_and_claim(store)) for _ in range(3)] == [10, 20, 40]


def test_no_more_are_resumed_until_the_last_one_was_claimed(store: Store, profile: str) -> None:
    """While queues are long, the results of the resumed calls are unknown, and more would be deferred again."""
    defer(store, [store.owed(profile) for _ in range(15)], UNRESPONSIVE)
    resumed = resume(store)
    assert len(resumed) == 10
    assert [resume(store) for _ in range(5)] == [[]] * 5
    defer(store, resumed, UNRESPONSIVE)
    assert len(resume_and_claim(store)) == 10
    assert len(resume_and_claim(store)) == 5
    assert resume(store) == []
    assert store.redis.exists("resumedLast") == 0


def test_new_deliveries_for_an_unresponsive_receiver_wait_in_its_set(store: Store, profile: str) -> None:
    """Otherwise it would be claimed only to be deferred. Its turn comes after theirs."""
    hook_ids = defer_all_of(store, profile)
    store.clock.advance(0.1)
    (receipt,) = store.ledger.accept([new_delivery(profile)])
    assert receipt.hook_id is not None
    assert (receipt.state, receipt.wakeup) == (State.QUEUED, None)
    assert store.delivery(receipt.hook_id).due is None
    assert store.claims([receipt.hook_id]).claims == []
    resumed = resume(store)
    assert sorted(resumed[:-1]) == sorted(hook_ids)
    assert resumed[-1] == receipt.hook_id
    assert store.claim(receipt.hook_id).number == 1


def waits(store: Store, profile: str, action: str = "social") -> bool:
    """Return whether a new delivery waits in the set from the start."""
    return store.claims([store.owed(profile, action=action)]).claims == []


def test_new_deliveries_are_attempted_once_the_set_was_resumed(store: Store, profile: str) -> None:
    defer_all_of(store, profile)
    assert waits(store, profile)
    resume(store)
    assert not waits(store, profile)


def test_new_deliveries_are_attempted_after_a_minute_without_a_resumption(store: Store, profile: str) -> None:
    """Also while other receivers stay unresponsive."""
    other = store.account(social="https://other.example/")
    defer_all_of(store, profile)
    store.clock.advance(59)
    defer_all_of(store, other)
    assert waits(store, profile)
    store.clock.advance(2)
    assert not waits(store, profile)
    assert waits(store, other)


def test_the_mark_of_an_unresponsive_receiver_expires(store: Store, profile: str) -> None:
    defer_all_of(store, profile)
    assert 0 < store.redis.pttl("hanging") <= 60_000


def test_a_webhook_whose_receiver_answers_is_not_unresponsive(store: Store, profile: str) -> None:
    """One worker that cannot reach it must not stop the other workers."""
    claim = store.claim(store.owed(profile))
    defer_all_of(store, profile)
    assert waits(store, profile)
    store.record([Entry(claim, State.DELIVERED)])
    assert not waits(store, profile)
    defer_all_of(store, profile)
    assert not waits(store, profile)
    store.clock.advance(3.1)
    defer_all_of(store, profile)
    assert waits(store, profile)


def test_an_exhausted_delivery_leaves_its_webhook_unresponsive(store: Store, profile: str) -> None:
    claim = store.claim(store.owed(profile))
    defer_all_of(store, profile)
    store.record([Entry(claim, State.EXHAUSTED)])
    assert waits(store, profile)


def test_an_answer_to_another_webhook_does_not_count(store: Store, profile: str) -> None:
    other = store.account(social="https://other.example/")
    claim = store.claim(store.owed(other))
    defer_all_of(store, profile)
    store.record([Entry(claim, State.DELIVERED)])
    assert waits(store, profile)


def test_a_new_url_is_called_at_once(store: Store, profile: str) -> None:
    defer_all_of(store, profile)
    store.register(profile, "social", "https://other.example/")
    assert not waits(store, profile)


def test_new_deliveries_to_a_full_host_do_not_wait(store: Store, profile: str) -> None:
    """The host may have a free slot by then."""
    defer(store, [store.owed(profile)])
    defer(store, resume(store))
    assert not waits(store, profile)


def test_new_deliveries_to_other_receivers_do_not_wait(store: Store, profile: str) -> None:
    store.register(profile, "feed", "https://other.example/")
    other = store.account(social="https://other.example/")
    defer_all_of(store, profile)
    assert not waits(store, other)
    assert not waits(store, profile, "feed")


def test_a_scheduled_delivery_is_attempted_when_it_is_due(store: Store, profile: str) -> None:
    defer_all_of(store, profile)
    hook_id = store.owed(profile, due=moment(store.clock() + 2000))
    store.clock.advance(2)
    assert store.claims([hook_id]).claims != []


@ON_A_REAL_ONE
def test_sets_of_unresponsive_receivers_leave_the_others_their_shares(store: Store, profile: str) -> None:
    """However many unresponsive receivers there are, only a few of each are resumed."""
    many, few = ([store.owed(profile) for _ in range(count)] for count in (200, 100))
    defer(store, many, full("heals.example"))
    for number in range(20):
        defer(store, few[number * 5 : number * 5 + 5], unresponsive(f"down-{number}.example"))
    assert len(set(resume(store, limit=210)) & set(many)) == 210 - 100


def many_unresponsive(store: Store, count: int, each: int = 20, host: str = "hooks.example") -> dict[str, str]:
    """Make many receivers of a host unresponsive; return a waiting delivery of each by hookId."""
    owners: dict[str, str] = {}
    for _ in range(count):
        profile = store.account(social=f"https://{host}/")
        hook_ids = [store.owed(profile) for _ in range(each)]
        defer(store, hook_ids, unresponsive(host))
        owners |= dict.fromkeys(hook_ids, profile)
    return owners


def test_unresponsive_receivers_at_one_host_share_what_is_resumed(store: Store) -> None:
    """It is one host that is down, however many webhooks it has."""
    owners = many_unresponsive(store, 4)
    elsewhere = many_unresponsive(store, 1, host="other.example")
    resumed = resume(store)
    assert len(set(resumed) & elsewhere.keys()) == 10
    assert sorted(Counter(owners[one] for one in resumed if one in owners).values()) == [2] * 4


@pytest.mark.parametrize("pause", [0, 1])
@ON_A_REAL_ONE
def test_unresponsive_receivers_take_turns(store: Store, pause: int) -> None:
    """However many seconds pass between sweeps."""
    owners = many_unresponsive(store, 20)
    tried: Counter[str] = Counter()
    for _ in range(6):
        store.clock.advance(pause)
        for hook_id in resume(store):
            defer(store, [hook_id], UNRESPONSIVE)
            tried[owners[hook_id]] += 1
    assert set(tried.values()) == {3}
    assert tried.keys() == set(owners.values())


@ON_A_REAL_ONE
def test_a_receiver_that_responds_again_is_resumed_faster_and_faster(store: Store) -> None:
    owners = many_unresponsive(store, 12, each=40)
    healed, counts = "", []
    for _ in range(5):
        resumed = resume(store)
        healed = healed or owners[resumed[0]]
        for hook_id in resumed:
            if owners[hook_id] == healed:
                store.claim(hook_id)
            else:
                defer(store, [hook_id], UNRESPONSIVE)
        counts.append(sum(owners[hook_id] == healed for hook_id in resumed))
    assert counts == [1, 2, 4, 8, 16]


@ON_A_REAL_ONE
def test_new_deliveries_wait_until_their_set_has_had_its_turn(store: Store) -> None:
    """Otherwise it would be claimed only to be deferred, each second, for each webhook of a host."""
    owners = many_unresponsive(store, 25)
    tried = {owners[hook_id] for hook_id in resume(store)}
    for profile in set(owners.values()):
        assert waits(store, profile) == (profile not in tried)
