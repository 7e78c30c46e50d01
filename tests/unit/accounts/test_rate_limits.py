"""Throttling: who is counted, and what wrong keys lead to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts.rate_limits import WRONG_KEYS, Allowance, LimitedCall, RateLimiter, network_of
from webhooks.errors import (
    NotAuthenticated,
    RingbackError,
    StorageUnavailable,
    TooManyCalls,
    UnknownDelivery,
    UnknownProfileKey,
)

HOME, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class NoBuckets:
    """Storage is away."""

    def take(self, calls: Sequence[LimitedCall]) -> Sequence[Allowance]:
        """Fail."""
        raise StorageUnavailable(calls)


@pytest.fixture
def rate_limiter(store: Store) -> RateLimiter:
    return RateLimiter(store.buckets, api_limit=300, ingest_limit=1000)


def try_key(rate_limiter: RateLimiter, error: RingbackError | None, address: str | None = HOME) -> None:
    """Try a key that is found to be wrong, unless the error is None."""
    with rate_limiter.watching_keys(address):
        if error is not None:
            raise error


def use_up(rate_limiter: RateLimiter, address: str | None = HOME) -> None:
    """Try as many wrong keys as may be tried at once."""
    for _ in range(WRONG_KEYS.calls):
        with pytest.raises(NotAuthenticated):
            try_key(rate_limiter, NotAuthenticated(), address)


def test_a_customers_limit_is_for_five_minutes_and_a_producers_for_a_second(rate_limiter: RateLimiter) -> None:
    assert rate_limiter.customer_calls("a" * 40) == Allowance(300, remaining=299, reset=1, retry_after=None)
    assert rate_limiter.producer_calls("producer") == Allowance(1000, remaining=999, reset=1, retry_after=None)


def test_calls_are_allowed_again_as_time_goes_by(store: Store) -> None:
    rate_limiter = RateLimiter(store.buckets, api_limit=2, ingest_limit=0)
    answers = [rate_limiter.customer_calls("a" * 40) for _ in range(3)]
    assert answers[2] == Allowance(2, remaining=0, reset=300, retry_after=150)
    store.clock.advance(150)
    assert rate_limiter.customer_calls("a" * 40) == Allowance(2, remaining=0, reset=300, retry_after=None)


def test_without_a_limit_nothing_is_asked(store: Store) -> None:
    rate_limiter = RateLimiter(store.buckets, api_limit=0, ingest_limit=0)
    assert rate_limiter.customer_calls("a" * 40) is None
    assert rate_limiter.producer_calls("producer") is None
    assert contents(store.redis) == {}


def test_what_cannot_be_counted_may_pass() -> None:
    """It is refused by what it is about, if that needs storage; and if not, it is answered as ever."""
    rate_limiter = RateLimiter(NoBuckets(), api_limit=300, ingest_limit=1000)
    assert rate_limiter.customer_calls("a" * 40) is None
    assert rate_limiter.producer_calls("producer") is None
    with pytest.raises(NotAuthenticated):
        try_key(rate_limiter, NotAuthenticated())


def test_after_twenty_wrong_keys_the_next_is_reported_to_wait(rate_limiter: RateLimiter) -> None:
    use_up(rate_limiter)
    with pytest.raises(TooManyCalls, match=r"wrong keys .* Try again in 3 s") as refused:
        try_key(rate_limiter, NotAuthenticated())
    assert refused.value.retry_after == 3


def test_one_more_wrong_key_may_be_tried_every_three_seconds(rate_limiter: RateLimiter, store: Store) -> None:
    use_up(rate_limiter)
    for _ in range(3):
        store.clock.advance(3)
        with pytest.raises(NotAuthenticated):
            try_key(rate_limiter, NotAuthenticated())
        with pytest.raises(TooManyCalls):
            try_key(rate_limiter, NotAuthenticated())


def test_a_wrong_profile_key_is_a_wrong_key_too(rate_limiter: RateLimiter) -> None:
    for number in range(WRONG_KEYS.calls):
        error = UnknownProfileKey() if number % 2 else NotAuthenticated()
        with pytest.raises(type(error)):
            try_key(rate_limiter, error)
    with pytest.raises(TooManyCalls):
        try_key(rate_limiter, UnknownProfileKey())


def test_a_right_key_passes_whatever_came_from_its_address(rate_limiter: RateLimiter, store: Store) -> None:
    """Several customers may share one; and it costs nothing."""
    use_up(rate_limiter)
    before = contents(store.redis)
    try_key(rate_limiter, None)
    assert contents(store.redis) == before


def test_wrong_keys_are_counted_by_where_they_come_from(rate_limiter: RateLimiter) -> None:
    use_up(rate_limiter, HOME)
    with pytest.raises(NotAuthenticated):
        try_key(rate_limiter, NotAuthenticated(), ELSEWHERE)


@pytest.mark.parametrize("error", [StorageUnavailable(), UnknownDelivery()])
def test_what_is_no_wrong_key_is_not_counted(
    rate_limiter: RateLimiter, store: Store, error: RingbackError
) -> None:
    with pytest.raises(type(error)):
        try_key(rate_limiter, error)
    assert contents(store.redis) == {}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("2001:db8::1:443", "2001:db8::/64"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
    ],
)
def test_a_port_is_no_part_of_the_address_that_is_counted(address: str, network: str) -> None:
    """Azure's gateway, among others, adds one; in `2001:db8::1:443` nothing tells it from the address."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "unknown",
        "somebody's name",
        "_hidden:80",
        "192.0.2.1:",
        "192.0.2.1:x",
        "192.0.2.1:123456",
        "192.0.2:80",
        "192.0.2.1 :80",
        "[192.0.2.1]x",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "[]:443",
        ":51234",
        "::1::2",
    ],
)
def test_callers_without_a_readable_address_are_counted_together(address: str | None) -> None:
    """With a bucket for each text, a caller that makes up new ones would have as many."""
    assert network_of(address) == "unknown"
