"""Postponing: what cannot be attempted now waits in a queue, and is resumed as fast as it can be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from doubles import REFUSED
from store.conftest import ON_A_REAL_ONE
from stores import Store, new_delivery
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.ledger import Deferral, Entry
from webhooks.deliveries.wakeup import WakeUp
from webhooks.store.connection import moment

QUEUE = "host:hooks.example account:acme"


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def defer(store: Store, hook_ids: Sequence[str], queue: str = QUEUE) -> None:
    store.ledger.defer([Deferral(claim, queue) for claim in store.claims(hook_ids).claims])


def hanging(profile: str, host: str = "hooks.example") -> str:
    """Return the queue of a profile's webhook whose receiver hangs."""
    return f"hanging:{host} webhook:{profile} social"


def hang(store: Store, profile: str) -> list[str]:
    """Have the receiver of a profile hang, and return what is postponed."""
    hook_ids = [store.owed(profile) for _ in range(3)]
    defer(store, hook_ids, hanging(profile))
    return hook_ids


def resume(store: Store, limit: int = 5000) -> list[str]:
    """Resume, a second after the last time."""
    store.clock.advance(1)
    return [wakeup.hook_id for wakeup in store.ledger.resume(limit)]


def resume_and_claim(store: Store) -> list[str]:
    """Resume, and have a worker come to what was resumed."""
    resumed = resume(store)
    assert len(store.claims(resumed).claims) == len(resumed)
    return resumed


def test_what_is_postponed_is_owed_and_neither_due_nor_leased(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    delivery = store.delivery(hook_id)
    assert (delivery.state, delivery.due, delivery.attempts) == (State.QUEUED, None, ())
    assert store.claims([hook_id]).claims == []


def test_what_is_resumed_is_due_and_no_retry(store: Store, profile: str) -> None:
    """No attempt was begun, so the receiver cannot have seen it."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.clock.advance(1)
    assert store.ledger.resume(100) == [WakeUp(hook_id, 0.0)]
    assert store.wakeup(hook_id) == 3  # should its message be lost
    claim = store.claim(hook_id)
    assert (claim.number, claim.retry) == (1, False)
    assert store.delivery(hook_id).attempts == ()


def test_a_queue_that_is_empty_leaves_nothing_behind(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile)])
    resume(store)
    assert resume(store) == []
    assert store.redis.keys("*postponed*") == []
    assert store.redis.exists("refused", "resumedLast") == 0


def test_the_oldest_are_resumed_first(store: Store, profile: str) -> None:
    hook_ids = []
    for _ in range(15):
        hook_ids.append(store.owed(profile))
        store.clock.advance(1)
    defer(store, hook_ids[8:])
    defer(store, hook_ids[:8])
    assert resume(store, limit=10) == hook_ids[:10]
    assert resume(store, limit=10) == hook_ids[10:]


@ON_A_REAL_ONE
def test_twice_as_many_are_resumed_each_time_or_half_or_as_many_as_went_through(
    store: Store, profile: str
) -> None:
    """Whichever is less; and 10 at least, so that those who wait have a chance beside those who come."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    counts = []
    for refused in (150, 0, 30, 50, 0, 0):
        resumed = resume(store)
        counts.append(len(resumed))
        defer(store, resumed[:refused])
    assert counts == [200, 50, 100, 50, 10, 20]


def test_few_are_resumed_first_if_their_receiver_hangs(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile) for _ in range(100)], hanging(profile))
    assert [len(resume_and_claim(store)) for _ in range(3)] == [10, 20, 40]


def test_of_a_receiver_that_hangs_no_more_is_resumed_until_a_worker_has_come_to_it(
    store: Store, profile: str
) -> None:
    """While lanes are long nobody knows yet whether it goes through, and all of it would end up there."""
    defer(store, [store.owed(profile) for _ in range(15)], hanging(profile))
    resumed = resume(store)
    assert len(resumed) == 10
    assert [resume(store) for _ in range(5)] == [[]] * 5
    defer(store, resumed, hanging(profile))
    assert len(resume_and_claim(store)) == 10
    assert len(resume_and_claim(store)) == 5
    assert resume(store) == []
    assert store.redis.exists("resumedLast") == 0


@ON_A_REAL_ONE
def test_a_queue_that_was_short_does_not_begin_anew(store: Store, profile: str) -> None:
    """That there were few says nothing about how many could be taken."""
    defer(store, [store.owed(profile)])
    resume(store)
    defer(store, [store.owed(profile) for _ in range(1000)])
    assert len(resume(store)) == 400


@ON_A_REAL_ONE
def test_what_is_new_in_a_queue_does_not_make_it_slower(store: Store, profile: str) -> None:
    """It says nothing about those that were resumed."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    resume(store)
    defer(store, [store.owed(profile) for _ in range(300)])
    assert len(resume(store)) == 400


@ON_A_REAL_ONE
def test_a_retry_that_is_postponed_was_not_resumed(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile) for _ in range(700)])
    claim = store.claim(resume(store)[0])
    store.record([Entry(claim, State.RETRYING, Attempt(1, claim.began, retry=False, outcome=REFUSED), 0.0)])
    defer(store, [claim.hook_id])
    assert len(resume(store)) == 400


ACCOUNT, HANGING = "account:acme", "hanging:hooks.example webhook:acme social"
RESOURCES = "resources account:acme"


@ON_A_REAL_ONE
@pytest.mark.parametrize(
    ("left", "entered", "slows"),
    [
        (ACCOUNT, QUEUE, False),
        (ACCOUNT, HANGING, False),
        (QUEUE, HANGING, False),
        (QUEUE, ACCOUNT, True),
        (HANGING, QUEUE, True),
        (HANGING, ACCOUNT, True),
        (ACCOUNT, RESOURCES, True),
        (HANGING, RESOURCES, True),
        (RESOURCES, ACCOUNT, False),
    ],
)
def test_what_comes_back_into_another_queue_slows_the_one_it_left_if_it_tells_of_others_there(
    store: Store, profile: str, left: str, entered: str, slows: bool
) -> None:
    """One host that is full does not keep its account's deliveries to others from going through."""
    defer(store, [store.owed(profile) for _ in range(200)], left)
    store.claims(resume(store, limit=20))
    resumed = resume(store, limit=40)
    defer(store, resumed[:5], entered)
    store.claims(resumed[5:])
    store.redis.delete(f"postponed:{entered}")
    assert len(resume(store)) == (len(resumed) // 2 if slows else 2 * len(resumed))


def test_what_comes_back_when_its_queue_is_gone_leaves_nothing_behind(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile)], QUEUE)
    hook_ids = resume(store)
    resume(store)
    defer(store, hook_ids, ACCOUNT)
    assert store.redis.exists("refused") == 0


def test_what_is_accepted_for_a_receiver_that_hangs_waits_with_the_others(store: Store, profile: str) -> None:
    """It would only be claimed to be postponed. Its turn comes after theirs."""
    hook_ids = hang(store, profile)
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
    """Tell whether what is accepted waits with others from the start."""
    return store.claims([store.owed(profile, action=action)]).claims == []


def test_it_is_tried_at_once_when_the_others_have_been_resumed(store: Store, profile: str) -> None:
    hang(store, profile)
    assert waits(store, profile)
    resume(store)
    assert not waits(store, profile)


def test_it_is_tried_after_a_while_though_nobody_resumes(store: Store, profile: str) -> None:
    """Also while others go on hanging."""
    other = store.account(social="https://other.example/")
    hang(store, profile)
    store.clock.advance(59)
    hang(store, other)
    assert waits(store, profile)
    store.clock.advance(2)
    assert not waits(store, profile)
    assert waits(store, other)


def test_marks_of_receivers_that_hang_do_not_stay(store: Store, profile: str) -> None:
    hang(store, profile)
    assert 0 < store.redis.pttl("hanging") <= 60_000


def test_a_webhook_that_is_answered_does_not_hang(store: Store, profile: str) -> None:
    """One worker that cannot reach it, while others can, must not keep these from trying."""
    claim = store.claim(store.owed(profile))
    hang(store, profile)
    assert waits(store, profile)
    store.record([Entry(claim, State.DELIVERED)])
    assert not waits(store, profile)
    hang(store, profile)
    assert not waits(store, profile)
    store.clock.advance(3.1)
    hang(store, profile)
    assert waits(store, profile)


def test_a_webhook_that_is_answered_with_an_error_hangs_on(store: Store, profile: str) -> None:
    claim = store.claim(store.owed(profile))
    hang(store, profile)
    store.record([Entry(claim, State.EXHAUSTED)])
    assert waits(store, profile)


def test_that_another_webhook_is_answered_says_nothing(store: Store, profile: str) -> None:
    other = store.account(social="https://other.example/")
    claim = store.claim(store.owed(other))
    hang(store, profile)
    store.record([Entry(claim, State.DELIVERED)])
    assert waits(store, profile)


def test_another_url_is_tried_at_once(store: Store, profile: str) -> None:
    hang(store, profile)
    store.register(profile, "social", "https://other.example/")
    assert not waits(store, profile)


def test_a_host_that_is_full_keeps_nothing_from_being_tried(store: Store, profile: str) -> None:
    """There may be a place by then."""
    defer(store, [store.owed(profile)])
    defer(store, resume(store))
    assert not waits(store, profile)


def test_a_receiver_that_hangs_keeps_nothing_of_others_from_being_tried(store: Store, profile: str) -> None:
    store.register(profile, "feed", "https://other.example/")
    other = store.account(social="https://other.example/")
    hang(store, profile)
    assert not waits(store, other)
    assert not waits(store, profile, "feed")


def test_a_post_of_later_is_called_when_it_is_due_though_its_receiver_hangs(store: Store, profile: str) -> None:
    hang(store, profile)
    hook_id = store.owed(profile, due=moment(store.clock() + 2000))
    store.clock.advance(2)
    assert store.claims([hook_id]).claims != []


def test_many_queues_share_what_is_resumed(store: Store, profile: str) -> None:
    """One with a great many must not keep the others waiting, and has what they leave."""
    long = [store.owed(profile) for _ in range(20)]
    defer(store, long, "host:long.example")
    short = store.owed(profile)
    defer(store, [short], "host:short.example")
    resumed = resume(store, limit=6)
    assert short in resumed
    assert len(resumed) == 6


@ON_A_REAL_ONE
def test_queues_that_come_back_leave_the_others_their_shares(store: Store, profile: str) -> None:
    """Of a receiver that hangs no more than a few are resumed, however many there are of these."""
    many, few = ([store.owed(profile) for _ in range(count)] for count in (200, 100))
    defer(store, many, "host:heals.example")
    for number in range(20):
        defer(store, few[number * 5 : number * 5 + 5], hanging(profile, f"hangs-{number}.example"))
    assert len(set(resume(store, limit=210)) & set(many)) == 210 - 100


def many_that_hang(store: Store, count: int, each: int = 20, host: str = "hooks.example") -> dict[str, str]:
    """Have many receivers at a host hang; return by hookId whose each delivery is that waits for it."""
    owners: dict[str, str] = {}
    for _ in range(count):
        profile = store.account(social=f"https://{host}/")
        hook_ids = [store.owed(profile) for _ in range(each)]
        defer(store, hook_ids, hanging(profile, host))
        owners |= dict.fromkeys(hook_ids, profile)
    return owners


def test_receivers_that_hang_at_one_host_share_what_is_resumed(store: Store) -> None:
    """It is one host that is down, however many webhooks go there."""
    owners = many_that_hang(store, 4)
    elsewhere = many_that_hang(store, 1, host="other.example")
    resumed = resume(store)
    assert len(set(resumed) & elsewhere.keys()) == 10
    assert sorted(Counter(owners[one] for one in resumed if one in owners).values()) == [2] * 4


@pytest.mark.parametrize("pause", [0, 1])
@ON_A_REAL_ONE
def test_more_of_them_than_are_resumed_take_turns(store: Store, pause: int) -> None:
    """However many seconds pass between sweeps."""
    owners = many_that_hang(store, 20)
    tried: Counter[str] = Counter()
    for _ in range(6):
        store.clock.advance(pause)
        for hook_id in resume(store):
            defer(store, [hook_id], hanging(owners[hook_id]))
            tried[owners[hook_id]] += 1
    assert set(tried.values()) == {3}
    assert tried.keys() == set(owners.values())


@ON_A_REAL_ONE
def test_one_of_many_that_heals_is_resumed_faster_and_faster(store: Store) -> None:
    owners = many_that_hang(store, 12, each=40)
    healed, counts = "", []
    for _ in range(5):
        resumed = resume(store)
        healed = healed or owners[resumed[0]]
        for hook_id in resumed:
            if owners[hook_id] == healed:
                store.claim(hook_id)
            else:
                defer(store, [hook_id], hanging(owners[hook_id]))
        counts.append(sum(owners[hook_id] == healed for hook_id in resumed))
    assert counts == [1, 2, 4, 8, 16]


@ON_A_REAL_ONE
def test_what_is_accepted_waits_until_those_before_it_have_their_turn(store: Store) -> None:
    """Else it would be claimed to be postponed, each second, for each of a host's webhooks."""
    owners = many_that_hang(store, 25)
    tried = {owners[hook_id] for hook_id in resume(store)}
    for profile in set(owners.values()):
        assert waits(store, profile) == (profile not in tried)


def test_a_claim_that_has_passed_on_is_not_postponed(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.clock.advance(15)
    successor = store.claim(hook_id)
    store.ledger.defer([Deferral(claim, QUEUE)])
    assert resume(store) == []
    assert store.redis.hget(f"delivery:{hook_id}", "token") == successor.token


def test_a_queue_that_is_lost_loses_no_delivery(store: Store, profile: str) -> None:
    """They are due again an hour later."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.redis.delete("postponed", f"postponed:{QUEUE}")
    assert store.wakeup(hook_id) == 3600
    store.clock.advance(3600)
    assert [wakeup.hook_id for wakeup in store.ledger.wakeups(100, ahead=0)] == [hook_id]
    assert store.claim(hook_id).number == 1


def test_what_waits_in_its_queue_does_not_come_back_by_its_alarm(store: Store, profile: str) -> None:
    """A host may be down for hours: all that waits for it would be claimed each hour, to be postponed again."""
    hook_ids = [store.owed(profile) for _ in range(2)]
    defer(store, hook_ids)
    for _ in range(3):
        store.clock.advance(3600)
        assert store.ledger.wakeups(100, ahead=0) == []
        assert store.claims(hook_ids).claims == []
    assert sorted(resume(store)) == sorted(hook_ids)


def test_a_queue_that_is_forgotten_is_resumed_after_all(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.redis.delete("postponed")
    store.clock.advance(3600)
    assert store.ledger.wakeups(100, ahead=0) == []
    assert resume(store) == [hook_id]


def test_what_has_ended_or_vanished_meanwhile_is_not_resumed(store: Store, profile: str) -> None:
    gone, there = [store.owed(profile) for _ in range(2)]
    defer(store, [gone, there])
    store.redis.delete(f"delivery:{gone}")
    assert resume(store) == [there]


def test_what_came_back_by_its_alarm_is_not_resumed_while_it_is_called(store: Store, profile: str) -> None:
    """It would be called a second time."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.clock.advance(3600)
    claim = store.claim(hook_id)
    assert resume(store) == []
    assert store.claims([hook_id]).claims == []
    assert (claim.number, claim.retry) == (1, False)


@ON_A_REAL_ONE
def test_sweeps_that_have_piled_up_resume_once(store: Store, profile: str) -> None:
    """How many are resumed grows from second to second, not from sweep to sweep."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    assert [len(store.ledger.resume(5000)) for _ in range(3)] == [200, 0, 0]


def test_what_cannot_be_read_keeps_no_other_from_being_resumed(store: Store, profile: str) -> None:
    bad, good = [store.owed(profile) for _ in range(2)]
    defer(store, [bad, good])
    store.redis.delete(f"delivery:{bad}")
    store.redis.set(f"delivery:{bad}", "no hash")
    assert resume(store) == [good]
