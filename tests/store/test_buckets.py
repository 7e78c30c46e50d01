"""Token buckets count calls exactly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts.rate_limits import Allowance, Limit, LimitedCall
from webhooks.store.buckets import RedisBuckets

THREE = Limit("profile", calls=3, period=300)


def take(buckets: RedisBuckets, limit: Limit, who: str = "somebody") -> Allowance:
    """Ask for a call."""
    (allowance,) = buckets.take([LimitedCall(limit, who)])
    return allowance


def takes(store: Store, limit: Limit, count: int, who: str = "somebody") -> int:
    """Ask this often; returns how many calls were allowed."""
    return sum(take(store.buckets, limit, who).retry_after is None for _ in range(count))


def test_a_new_bucket_is_full_and_empties(store: Store) -> None:
    """A refused call costs nothing: the answer stays the same."""
    assert [take(store.buckets, THREE) for _ in range(5)] == [
        Allowance(limit=3, remaining=2, reset=100, retry_after=None),
        Allowance(limit=3, remaining=1, reset=200, retry_after=None),
        Allowance(limit=3, remaining=0, reset=300, retry_after=None),
        Allowance(limit=3, remaining=0, reset=300, retry_after=100),
        Allowance(limit=3, remaining=0, reset=300, retry_after=100),
    ]


def test_a_bucket_refills_evenly(store: Store) -> None:
    takes(store, THREE, 3)
    store.clock.advance(99.999)
    assert take(store.buckets, THREE) == Allowance(3, remaining=0, reset=201, retry_after=1)
    store.clock.advance(0.001)
    assert take(store.buckets, THREE) == Allowance(3, remaining=0, reset=300, retry_after=None)
    store.clock.advance(250)
    assert takes(store, THREE, 5) == 2
    store.clock.advance(50)
    assert takes(store, THREE, 5) == 1


@pytest.mark.parametrize("seconds", [300, 86_400])
def test_a_bucket_never_exceeds_its_size(store: Store, seconds: float) -> None:
    takes(store, THREE, 3)
    store.clock.advance(seconds)
    assert takes(store, THREE, 5) == 3


@pytest.mark.parametrize("calls", [7, 30, 1500])
def test_fractions_of_calls_are_counted_exactly(store: Store, calls: int) -> None:
    """Even if a call comes back after a fraction of a millisecond."""
    limit = Limit("producer", calls, period=1)
    assert takes(store, limit, calls + 1) == calls
    taken = 0
    for _ in range(200):
        store.clock.advance(0.001)
        taken += takes(store, limit, calls // 1000 + 2)
    assert taken == calls * 200 // 1000


def test_each_caller_has_a_bucket_for_each_limit(store: Store) -> None:
    assert takes(store, THREE, 5, "somebody") == 3
    assert takes(store, THREE, 5, "somebody else") == 3
    assert takes(store, Limit("producer", calls=3, period=300), 5, "somebody") == 3


def test_calls_taken_together_are_counted_in_order(store: Store) -> None:
    """From any buckets; a refused call does not affect the others."""
    other = Limit("producer", calls=1, period=1)
    calls = [
        LimitedCall(THREE, "a"),
        LimitedCall(other, "a"),
        LimitedCall(THREE, "a"),
        LimitedCall(other, "a"),
        LimitedCall(THREE, "b"),
    ]
    assert store.buckets.take(calls) == [
        Allowance(3, remaining=2, reset=100, retry_after=None),
        Allowance(1, remaining=0, reset=1, retry_after=None),
        Allowance(3, remaining=1, reset=200, retry_after=None),
        Allowance(1, remaining=0, reset=1, retry_after=1),
        Allowance(3, remaining=2, reset=100, retry_after=None),
    ]


def test_concurrent_callers_share_a_bucket_exactly(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: takes(store, Limit("profile", 100, 300), 25), range(8)))
    assert sum(taken) == 100


def test_a_refused_call_writes_nothing(store: Store) -> None:
    takes(store, THREE, 3)
    before = contents(store.redis)
    store.clock.advance(1)
    assert takes(store, THREE, 1) == 0
    assert contents(store.redis) == before


def test_a_bucket_is_stored_until_it_is_full_again(store: Store) -> None:
    """And for a minute more: a client with ever new addresses leaves nothing behind."""
    take(store.buckets, THREE)
    (key,) = store.redis.keys()
    assert 159_000 < store.redis.pttl(key) <= 160_000
    take(store.buckets, THREE)
    assert 259_000 < store.redis.pttl(key) <= 260_000


def test_a_clock_that_is_set_back_refuses_no_one(store: Store) -> None:
    takes(store, THREE, 3)
    store.clock.advance(-3600)
    assert takes(store, THREE, 5) == 3


def test_a_lowered_limit_applies_at_once(store: Store) -> None:
    """Calls that were allowed before do not count against it."""
    takes(store, Limit("profile", 300, 300), 300)
    assert takes(store, THREE, 1) == 0
    store.clock.advance(100)
    assert takes(store, THREE, 2) == 1


def test_buckets_use_the_clock_of_redis(store: Store) -> None:
    """By default."""
    buckets = RedisBuckets(store.redis)
    assert take(buckets, Limit("profile", 1, 3600)).retry_after is None
    assert take(buckets, Limit("profile", 1, 3600)) == Allowance(1, 0, reset=3600, retry_after=3600)
