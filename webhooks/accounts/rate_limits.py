"""Rate limits: how often customers and producers may call, and how many wrong keys an address may send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from webhooks.accounts.networks import network_of
from webhooks.errors import NotAuthenticated, StorageUnavailable, TooManyCalls, UnknownProfileKey
from webhooks.runtime.batcher import Batcher

#: Seconds in which an empty bucket fills up: a customer's, and a producer's.
API_PERIOD = 300
INGEST_PERIOD = 1


@dataclass(frozen=True)
class Limit:
    """How many calls each caller of a kind may make.

    Each caller has a token bucket, which is full at first. A call takes a token; tokens come back evenly.

    Attributes:
        kind: the kind of callers: `profile`, `producer` or `address`.
        calls: how many tokens a full bucket holds; 0 means no limit.
        period: seconds in which an empty bucket fills up.
    """

    kind: str
    calls: int
    period: int


#: Wrong keys that an address may send: 20 at once, and one every 3 s.
WRONG_KEYS = Limit("address", calls=20, period=60)


@dataclass(frozen=True)
class LimitedCall:
    """A call that is about to be made.

    Attributes:
        who: the caller: a refId, a producer's name, or a network.
    """

    limit: Limit
    who: str


@dataclass(frozen=True)
class Allowance:
    """Whether a call may be made, and what its caller has left.

    Attributes:
        limit: how many tokens a full bucket holds.
        remaining: how many calls could be made at once now.
        reset: seconds until the bucket is full, rounded up.
        retry_after: seconds until the next call may be made, rounded up; None if this call may be made.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: int | None


class Buckets(Protocol):
    """Where calls are counted."""

    def take(self, calls: Sequence[LimitedCall]) -> Sequence[Allowance]:
        """Take a token for each call from its caller's bucket unless it is empty; returns the results in order."""


#: Calls of one batch; calls that arrive at the same time are counted together.
MAX_BATCH = 500


class RateLimiter:
    """Counts calls. While storage is unavailable, none is counted; calls that need storage fail anyway.

    Args:
        api_limit: calls per `API_PERIOD` and profile; 0 means no limit.
        ingest_limit: calls per `INGEST_PERIOD` and producer; 0 means no limit.
    """

    def __init__(self, buckets: Buckets, api_limit: int, ingest_limit: int) -> None:
        self._take_batched = Batcher(buckets.take, MAX_BATCH)
        self._customers = Limit("profile", api_limit, API_PERIOD)
        self._producers = Limit("producer", ingest_limit, INGEST_PERIOD)

    def customer_calls(self, ref_id: str) -> Allowance | None:
        """Count a customer's call about a profile; None if it was not counted."""
        return self._take(self._customers, ref_id)

    def producer_calls(self, producer: str) -> Allowance | None:
        """Count a producer's call; None if it was not counted."""
        return self._take(self._producers, producer)

    @contextmanager
    def counting_wrong_keys(self, address: str | None) -> Iterator[None]:
        """Count a wrong key that is found in this context. Correct keys are free, and pass whatever the count.

        Args:
            address: the caller's IP address.

        Raises:
            TooManyCalls: the key was wrong, and too many wrong keys came from this address before.
        """
        try:
            yield
        except (NotAuthenticated, UnknownProfileKey):
            self.count_wrong_key(address)
            raise

    def count_wrong_key(self, address: str | None) -> None:
        """Count a wrong key.

        Args:
            address: the caller's IP address.

        Raises:
            TooManyCalls: too many wrong keys came from this address before.
        """
        allowance = self._take(WRONG_KEYS, network_of(address))
        if allowance is not None and allowance.retry_after is not None:
            raise TooManyCalls(allowance.retry_after, "Too many wrong keys came from this address.") from None

    def _take(self, limit: Limit, who: str) -> Allowance | None:
        if not limit.calls:
            return None
        try:
            (allowance,) = self._take_batched([LimitedCall(limit, who)])
        except StorageUnavailable:
            return None
        return allowance
