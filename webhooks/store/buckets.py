"""Token buckets in Redis: how many calls each caller may make now."""

from __future__ import annotations

from collections.abc import Sequence

from webhooks.accounts.rate_limits import Allowance, LimitedCall
from webhooks.store.connection import Client, Clock
from webhooks.store.scripts import Script


class RedisBuckets:
    """A bucket for each caller, by the clock of the server.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._take = Script(redis, "accounts/take_calls", clock)

    def take(self, calls: Sequence[LimitedCall]) -> list[Allowance]:
        """Take a token for each call from its caller's bucket unless it is empty; returns the results in order."""
        values: list[object] = []
        for call in calls:
            values += (f"bucket:{call.limit.kind}:{call.who}", call.limit.calls, call.limit.period * 1000)
        answers = self._take(*values)
        return [_allowance(call, *answer) for call, answer in zip(calls, answers, strict=True)]


def _allowance(call: LimitedCall, taken: int, remaining: int, reset: int, wait: int) -> Allowance:
    return Allowance(call.limit.calls, remaining, _seconds(reset), None if taken else _seconds(wait))


def _seconds(milliseconds: int) -> int:
    """Return whole seconds, rounded up."""
    return -(-milliseconds // 1000)
