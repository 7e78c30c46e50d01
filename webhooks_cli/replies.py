"""The replies of `webhooks listen`: its options make a plan, which returns the reply to each call."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from webhooks_local.receiver.behaviours import Manner, Reply, by_path
from webhooks_local.receiver.calls import Call

Plan = Callable[[Call], Reply]
OK = Reply(200)


def make_plan(
    status: int | None = None,
    hang: bool = False,
    fail: int | None = None,
    share: float | None = None,
    schedule: str | None = None,
) -> Plan:
    """Return the plan for these options.

    Args:
        status: the status of a failure; 500 if None.
        hang: a failure is a call without an answer.
        fail: the number of failures at the start of each delivery; its later calls are answered 200.
        share: the share of calls that fail at random; the others are answered 200.
        schedule: the replies to the calls of each delivery in order, separated by commas.

    Raises:
        ValueError: two options exclude each other, or the schedule is malformed.
    """
    if sum((status is not None or hang, schedule is not None)) > 1 or (status is not None and hang):
        raise ValueError("Of --status, --hang and --schedule only one can be given.")
    if sum(option is not None for option in (fail, share, schedule)) > 1:
        raise ValueError("Of --fail, --random and --schedule only one can be given.")
    failure = Reply(Manner.HANG if hang else 500 if status is None else status)
    if schedule is not None:
        return InOrder([_read_reply(item.strip()) for item in schedule.split(",")])
    if share is not None:
        return AtRandom(share, failure)
    if fail is not None:
        return InOrder([*[failure] * fail, OK])
    return InOrder([failure]) if hang or status is not None else ByPath()


def _read_reply(item: str) -> Reply:
    if item in set(Manner):
        return Reply(Manner(item))
    if item.isascii() and item.isdecimal() and 200 <= int(item) <= 599:
        return Reply(int(item))
    raise ValueError(f"--schedule: {item!r} is neither a status from 200 to 599 nor one of {', '.join(Manner)}.")


class ByPath:
    """Replies as the path of a call asks, and with 200 to other paths."""

    def __init__(self) -> None:
        self._calls = _CallCounter()

    def __call__(self, call: Call) -> Reply:
        return by_path(call.path, self._calls.next(call.path)) or OK


class InOrder:
    """Gives the calls of each delivery these replies in order; the last reply is repeated.

    Calls without a hookId are counted by their path.
    """

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = replies
        self._calls = _CallCounter()

    def __call__(self, call: Call) -> Reply:
        number = self._calls.next(_hook_id(call) or call.path)
        return self._replies[min(number, len(self._replies)) - 1]


class AtRandom:
    """Fails a share of the calls, and replies with 200 to the others.

    Args:
        share: from 0 to 1.
        failure: the reply to a call that fails.
        random_number: returns a random number from 0 up to 1.
    """

    def __init__(self, share: float, failure: Reply, random_number: Callable[[], float] = random.random) -> None:
        self._share = share
        self._failure = failure
        self._random_number = random_number

    def __call__(self, _: Call) -> Reply:
        return self._failure if self._random_number() < self._share else OK


class _CallCounter:
    """Counts calls by name. Calls arrive in threads of their own."""

    def __init__(self) -> None:
        self._counter: Counter[str] = Counter()
        self._lock = threading.Lock()

    def next(self, name: str) -> int:
        with self._lock:
            self._counter[name] += 1
            return self._counter[name]


def _hook_id(call: Call) -> str | None:
    try:
        hook_id = call.json["hookId"]
    except (ValueError, TypeError, LookupError):
        return None
    return hook_id if isinstance(hook_id, str) else None
