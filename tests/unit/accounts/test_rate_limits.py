"""Rate limits: how calls are counted, and how wrong keys are limited."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doubles import contents
from stores import Store
from webhooks.accounts.rate_limits import WRONG_KEYS, Allowance, LimitedCall, RateLimiter
from webhooks.errors import (
    NotAuthenticated,
    RingbackError,
    StorageUnavailable,
    TooManyCalls,
    UnknownDelivery,
    UnknownProfileKey,
)

HOME, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class UnavailableBuckets:
    """Buckets whose storage is unavailable."""

    def take(self, calls: Sequence[LimitedCall]) -> Sequence[Allowance]:
        """Fail."""
        raise StorageUnavailable(calls)


@pytest.fixture
def rate_limiter(store: Store) -> RateLimiter:
    return RateLimiter(store.buckets, api_limit=300, ingest_limit=1000)


def send_key(rate_limiter: RateLimiter, error: RingbackError | None, address: str | None = HOME) -> None:
    """Send a key that is refused with this error; a correct key if the error is None."""
    with rate_limiter.counting_wrong_keys(address):
        if error is not None:
            raise error


def use_up(rate_limiter: RateLimiter, address: str | None = HOME) -> None:
    """Send as many wrong keys as may be sent at once."""
    for _ in range(WRONG_KEYS.calls):
        with pytest.raises(NotAuthenticated):
            send_key(rate_limiter, NotAuthenticated(), address)


def test_a_customers_limit_is_for_five_minutes_and_a_producers_for_a_second(rate_limiter: RateLimiter) -> None:
    assert rate_limiter.customer_calls("a" * 40) == Allowance(300, remaining=299, reset=1, retry_after=None)
    assert rate_limiter.producer_calls("producer") == Allowance(1000, remaining=999, reset=1, retry_after=None)


def test_calls_are_allowed_again_after_a_while(store: Store) -> None:
    rate_limiter = RateLimiter(store.buckets, api_limit=2, ingest_limit=0)
    answers = [rate_limiter.customer_calls("a" * 40) for _ in range(3)]
    assert answers[2] == Allowance(2, remaining=0, reset=300, retry_after=150)
    store.clock.advance(150)
    assert rate_limiter.customer_calls("a" * 40) == Allowance(2, remaining=0, reset=300, retry_after=None)


def test_without_a_limit_nothing_is_counted(store: Store) -> None:
    rate_limiter = RateLimiter(store.buckets, api_limit=0, ingest_limit=0)
    assert rate_limiter.customer_calls("a" * 40) is None
    assert rate_limiter.producer_calls("producer") is None
    assert contents(store.redis) == {}


def test_calls_pass_while_storage_is_unavailable() -> None:
    """A call that needs storage fails anyway; others are answered as usual."""
    rate_limiter = RateLimiter(UnavailableBuckets(), api_limit=300, ingest_limit=1000)
    assert rate_limiter.customer_calls("a" * 40) is None
    assert rate_limiter.producer_calls("producer") is None
    with pytest.raises(NotAuthenticated):
        send_key(rate_limiter, NotAuthenticated())


def test_after_twenty_wrong_keys_the_next_must_wait(rate_limiter: RateLimiter) -> None:
    use_up(rate_limiter)
    with pytest.raises(TooManyCalls, match=r"wrong keys .* Try again in 3 s") as refused:
        send_key(rate_limiter, NotAuthenticated())
    assert refused.value.retry_after == 3


def test_another_wrong_key_is_allowed_every_three_seconds(rate_limiter: RateLimiter, store: Store) -> None:
    use_up(rate_limiter)
    for _ in range(3):
        store.clock.advance(3)
        with pytest.raises(NotAuthenticated):
            send_key(rate_limiter, NotAuthenticated())
        with pytest.raises(TooManyCalls):
            send_key(rate_limiter, NotAuthenticated())


def test_a_wrong_profile_key_counts_as_a_wrong_key(rate_limiter: RateLimiter) -> None:
    for number in range(WRONG_KEYS.calls):
        error = UnknownProfileKey() if number % 2 else NotAuthenticated()
        with pytest.raises(type(error)):
            send_key(rate_limiter, error)
    with pytest.raises(TooManyCalls):
        send_key(rate_limiter, UnknownProfileKey())


def test_a_correct_key_passes_after_many_wrong_keys_from_its_address(
    rate_limiter: RateLimiter, store: Store
) -> None:
    """Several customers may share an address; a correct key is not counted."""
    use_up(rate_limiter)
    before = contents(store.redis)
    send_key(rate_limiter, None)
    assert contents(store.redis) == before


def test_wrong_keys_are_counted_by_address(rate_limiter: RateLimiter) -> None:
    use_up(rate_limiter, HOME)
    with pytest.raises(NotAuthenticated):
        send_key(rate_limiter, NotAuthenticated(), ELSEWHERE)


@pytest.mark.parametrize("error", [StorageUnavailable(), UnknownDelivery()])
def test_other_errors_do_not_count_as_wrong_keys(
    rate_limiter: RateLimiter, store: Store, error: RingbackError
) -> None:
    with pytest.raises(type(error)):
        send_key(rate_limiter, error)
    assert contents(store.redis) == {}
