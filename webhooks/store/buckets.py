"""Buckets in Redis: how many calls somebody may make now."""

from __future__ import annotations

from webhooks.store.connection import Client, Clock, Script
from webhooks.throttling import Allowance, Limit


class RedisBuckets:
    """A bucket for each caller, by the clock of the server.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._take = Script(redis, "take", clock)

    def take(self, limit: Limit, who: str) -> Allowance:
        """Take a call out of somebody's bucket, unless it is empty."""
        taken, remaining, reset, wait = self._take(f"bucket:{limit.kind}:{who}", limit.calls, limit.period * 1000)
        return Allowance(
            limit=limit.calls,
            remaining=remaining,
            reset=_seconds(reset),
            retry_after=None if taken else _seconds(wait),
        )


def _seconds(milliseconds: int) -> int:
    """Return whole seconds, rounded up."""
    return -(-milliseconds // 1000)
