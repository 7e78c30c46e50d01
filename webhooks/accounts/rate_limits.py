"""Rate limits: how often a caller may call, and how often an address may try wrong keys."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from webhooks.errors import NotAuthenticated, StorageUnavailable, TooManyCalls, UnknownProfileKey
from webhooks.runtime.batcher import Batcher

#: Seconds in which a customer's and a producer's empty bucket fills up.
API_PERIOD = 300
INGEST_PERIOD = 1


@dataclass(frozen=True)
class Limit:
    """How many calls each of a kind of callers may make.

    Everyone has a bucket, full at first. A call takes one out; they come back evenly.

    Attributes:
        kind: who is counted.
        calls: how many a full bucket holds; 0 means no limit.
        period: seconds in which an empty one fills up.
    """

    kind: str
    calls: int
    period: int


#: Wrong keys that may come from an address: 20 at once, and one every 3 s.
WRONG_KEYS = Limit("address", calls=20, period=60)


@dataclass(frozen=True)
class LimitedCall:
    """A call that asks for admission.

    Attributes:
        who: the caller, by whatever its kind is counted.
    """

    limit: Limit
    who: str


@dataclass(frozen=True)
class Allowance:
    """What came of asking to make a call.

    Attributes:
        limit: how many calls a full bucket holds.
        remaining: how many could be made at once now.
        reset: seconds until the bucket is full, rounded up.
        retry_after: seconds until the next call may be made, rounded up; None when this one may.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: int | None


class Buckets(Protocol):
    """Where calls are counted."""

    def take(self, calls: Sequence[LimitedCall]) -> Sequence[Allowance]:
        """Take each call out of its caller's bucket, unless that is empty; returns the results in order."""


#: Calls that are counted in one step when many come together.
MAX_BATCH = 500


#: An address as proxies write it with the caller's port, or an IPv6 address in brackets.
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[^\]]+)\](?::[0-9]{1,5})?")


class RateLimiter:
    """Counts calls. While storage is away none is counted: what needs storage is refused all the same.

    Args:
        api_limit: calls per `API_PERIOD` and profile; 0 means no limit.
        ingest_limit: calls per `INGEST_PERIOD` and producer; 0 means no limit.
    """

    def __init__(self, buckets: Buckets, api_limit: int, ingest_limit: int) -> None:
        self._take_together = Batcher(buckets.take, MAX_BATCH)
        self._customers = Limit("profile", api_limit, API_PERIOD)
        self._producers = Limit("producer", ingest_limit, INGEST_PERIOD)

    def customer_calls(self, ref_id: str) -> Allowance | None:
        """Count a customer's call about a profile; None when it was not counted."""
        return self._take(self._customers, ref_id)

    def producer_calls(self, producer: str) -> Allowance | None:
        """Count a producer's call; None when it was not counted."""
        return self._take(self._producers, producer)

    @contextmanager
    def watching_keys(self, address: str | None) -> Iterator[None]:
        """Count it if a key is found wrong meanwhile. A right one costs nothing, whatever came from its address.

        Args:
            address: the caller's.

        Raises:
            TooManyCalls: a key was wrong, and so were too many others from there.
        """
        try:
            yield
        except (NotAuthenticated, UnknownProfileKey):
            self.count_wrong_key(address)
            raise

    def count_wrong_key(self, address: str | None) -> None:
        """Count a wrong key.

        Args:
            address: the caller's.

        Raises:
            TooManyCalls: too many others came from there.
        """
        allowance = self._take(WRONG_KEYS, network_of(address))
        if allowance is not None and allowance.retry_after is not None:
            raise TooManyCalls(allowance.retry_after, "Too many wrong keys came from this address.") from None

    def _take(self, limit: Limit, who: str) -> Allowance | None:
        if not limit.calls:
            return None
        try:
            (allowance,) = self._take_together([LimitedCall(limit, who)])
        except StorageUnavailable:
            return None
        return allowance


def network_of(address: str | None) -> str:
    """Return what is counted as one caller: an IPv4 address, or the /64 network of an IPv6 address.

    A customer of most providers has such a network, and with it more IPv6 addresses than could be counted. A port,
    which some proxies add, is taken off. Whatever is no address, as on a Unix socket or by a proxy's mistake, is
    counted together, so that an unreadable address gets no bucket of its own.
    """
    try:
        ip = ipaddress.ip_address(_without_port(address or ""))
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip), 64), strict=False))


def _without_port(address: str) -> str:
    found = _WITH_PORT.fullmatch(address)
    return address if found is None else found["v4"] or found["v6"]
