"""What a fault has to work with: a stack under load, a die, and a place to note what it saw."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from harness.chaos.bounds import Bounds, Facts
from harness.chaos.load import Notebook
from harness.chaos.records import Call
from harness.chaos.size import Size
from harness.chaos.sockets import process_at_port
from harness.chaos.stack import WORKERS, ChaosStack
from webhooks_local.fleet import wait_until
from webhooks_local.machine import Machine

#: Seconds in which something must happen that the load brings about, on the slowest machine.
SOON = 90.0
#: Seconds in which what was claimed has been sent, and noted by the receiver.
MOMENT = 0.3


@dataclass
class Scene:
    """A stack under load.

    Attributes:
        machine: measured for as long as the trial takes.
        over: Unix seconds at which a round's fault ended, if it did before all was well again.
    """

    stack: ChaosStack
    size: Size
    chance: random.Random
    notebook: Notebook
    machine: Machine
    facts: Facts = field(default_factory=Facts)
    over: float = 0.0

    @property
    def slack(self) -> float:
        """Seconds that the machine may add to what is late, as slow as it has been so far; none in a long run."""
        return self.machine.slack if self.size.lenient else 0.0

    def is_over(self) -> None:
        """Note that the fault has ended; what follows is recovery."""
        self.over = time.time()

    def go_on(self, seconds: float) -> None:
        """Let the load go on for a while."""
        time.sleep(seconds)

    def between(self, least: float, most: float) -> None:
        """Let the load go on until a random moment."""
        self.go_on(self.chance.uniform(least, most))

    def kill(self, *names: str) -> None:
        """Send SIGKILL to processes; the supervisor starts them again. Their calls may be repeated."""
        in_flight = self.stack.journal.in_flight(self.slack)
        for name in names:
            self.stack.fleet.kill(name)
        self._wait_for_notes()
        in_flight += self.stack.journal.in_flight(self.slack)
        calls = {(call.hook_id, call.attempt): call for call in in_flight}
        self.facts.in_flight.update(key for key, call in calls.items() if self.caller(call) is None)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Note the seconds of the block as a time in which nothing could be delivered."""
        began = time.monotonic()
        yield
        self.facts.away = max(self.facts.away, time.monotonic() - began)

    def note_in_flight(self) -> None:
        """Note the calls in flight now and a moment later: each may be repeated once."""
        with self.interrupting():
            pass

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Note the calls in flight before the block and a moment after it: each may be repeated once."""
        before = self._in_flight()
        yield
        self._wait_for_notes()
        self.facts.in_flight.update(before | self._in_flight())

    def next_call(self, condition: Callable[[Call], bool]) -> Call:
        """Return a call that comes from now on and for which `condition` holds.

        Raises:
            TimeoutError: none comes.
        """
        now = time.time()
        call = self.stack.journal.wait_for(
            lambda call: max(call.arrived, call.answered or 0) > now and condition(call), SOON
        )
        if call is None:
            raise TimeoutError("no such call came")
        return call

    def next_slow_call(self) -> tuple[Call, str]:
        """Return a call that the receiver has not answered yet, and the worker that makes it.

        Raises:
            TimeoutError: none comes.
        """
        while True:
            call = self.next_call(lambda call: call.path == "/slow" and call.answered is None)
            if name := self.caller(call):
                return call, name

    def caller(self, call: Call) -> str | None:
        """Return the worker that made a call, if it still holds the connection."""
        by_pid = {}
        for name in WORKERS:
            with suppress(KeyError):  # it waits to be started again
                by_pid[self.stack.fleet.pid(name)] = name
        pid = process_at_port(call.peer, by_pid)
        return None if pid is None else by_pid[pid]

    def wait_until_calling(self, *names: str) -> None:
        """Return when each of these workers has made a call that began after this."""
        for name in names:
            began = time.time()
            wait_until(lambda: self._calls(name, began), SOON, f"{name} making calls again")  # noqa: B023 - used at once

    def _wait_for_notes(self) -> None:
        """Give the receiver time to note what it has been sent."""
        self.go_on(max(MOMENT, self.slack / 4))

    def _in_flight(self) -> set[tuple[str, int]]:
        return {(call.hook_id, call.attempt) for call in self.stack.journal.in_flight(self.slack)}

    def _calls(self, name: str, since: float) -> bool:
        recent = [call for call in self.stack.journal.calls() if call.arrived > since]
        return any(self.caller(call) == name for call in recent[-5:])


class Broker(Enum):
    """Where Celery's queues are."""

    REDIS = "the Redis of the ledger"
    RABBITMQ = "a RabbitMQ"


@dataclass(frozen=True)
class Fault:
    """One way to break a running Ringback.

    Attributes:
        name: what it is called on the command line.
        sentence: what it does, for the table.
        inject: does it once, and returns when it is over.
        bounds: what it may do to the promises.
        rounds: how often in a long run, if not as often as the others.
        quick: whether it belongs to the quick run: not if another fault shows the same there, or it takes long.
        broker: which one it is about, if it is about one.
        alone: whether a long run must not try others at the same time, as it takes all that the machine has.
    """

    name: str
    sentence: str
    inject: Callable[[Scene], None]
    bounds: Bounds = field(default_factory=Bounds)
    rounds: int | None = None
    quick: bool = True
    broker: Broker | None = None
    alone: bool = False
