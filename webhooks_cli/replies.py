"""How `webhooks listen` answers: a plan, made from its options, that gives each call its reply."""

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
    """Return the plan that options ask for.

    Args:
        status: how a call is answered badly; 500 if None.
        hang: it is not answered at all.
        fail: so many calls of each delivery are answered badly, and the others with 200.
        share: of all calls, which are answered badly by chance, and the others with 200.
        schedule: the replies to the calls of each delivery, as words with commas between.

    Raises:
        ValueError: two of them exclude each other, or the schedule is malformed; the message says so.
    """
    if sum((status is not None or hang, schedule is not None)) > 1 or (status is not None and hang):
        raise ValueError("Of --status, --hang and --schedule only one can be given.")
    if sum(when is not None for when in (fail, share, schedule)) > 1:
        raise ValueError("Of --fail, --random and --schedule only one can be given.")
    bad = Reply(Manner.HANG if hang else 500 if status is None else status)
    if schedule is not None:
        return InTurn([_read_reply(word.strip()) for word in schedule.split(",")])
    if share is not None:
        return ByChance(share, bad)
    if fail is not None:
        return InTurn([*[bad] * fail, OK])
    return InTurn([bad]) if hang or status is not None else ByPath()


def _read_reply(word: str) -> Reply:
    if word in set(Manner):
        return Reply(Manner(word))
    if word.isascii() and word.isdecimal() and 200 <= int(word) <= 599:
        return Reply(int(word))
    raise ValueError(f"--schedule: {word!r} is no status from 200 to 599, nor {', '.join(Manner)}.")


class ByPath:
    """Replies as the path of a call asks, and with 200 where it does not."""

    def __init__(self) -> None:
        self._calls = _Count()

    def __call__(self, call: Call) -> Reply:
        """Return the reply."""
        return by_path(call.path, self._calls.next(call.path)) or OK


class InTurn:
    """Replies to the calls of each delivery in turn; the last of the replies stays.

    Calls that have no hookId are told apart by their path.
    """

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = replies
        self._calls = _Count()

    def __call__(self, call: Call) -> Reply:
        """Return the reply."""
        number = self._calls.next(_hook_id(call) or call.path)
        return self._replies[min(number, len(self._replies)) - 1]


class ByChance:
    """Replies badly to a share of the calls, else with 200.

    Args:
        share: from 0 to 1.
        reply: the bad one.
        chance: gives a number from 0 up to 1, another each time.
    """

    def __init__(self, share: float, reply: Reply, chance: Callable[[], float] = random.random) -> None:
        self._share = share
        self._reply = reply
        self._chance = chance

    def __call__(self, _: Call) -> Reply:
        """Return the reply."""
        return self._reply if self._chance() < self._share else OK


class _Count:
    """Counts by name; calls come in threads of their own."""

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
