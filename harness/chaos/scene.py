"""What a fault uses: a stack under load, a random generator, and a record of observations."""

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
from harness.chaos.size import ChaosSize
from harness.chaos.sockets import process_at_port
from harness.chaos.stack import WORKERS, ChaosStack
from webhooks_local.fleet import wait_until
from webhooks_local.machine import Machine

#: The longest time for anything that the load causes, on the slowest machine, in seconds.
SOON = 90.0
#: Seconds within which claimed deliveries have been called and recorded by the receiver.
MOMENT = 0.3


@dataclass
class Scene:
    """A stack under load.

    Attributes:
        machine: the speed of the machine during the trial.
        over: Unix seconds of the end of a round's fault, if that is before the end of the round.
    """

    stack: ChaosStack
    size: ChaosSize
    chance: random.Random
    notebook: Notebook
    machine: Machine
    facts: Facts = field(default_factory=Facts)
    over: float = 0.0

    @property
    def slack(self) -> float:
        """Seconds that the machine may add to delays, by its speed so far; none in a long run."""
        return self.machine.slack if self.size.lenient else 0.0

    def is_over(self) -> None:
        """Record that the fault has ended; everything from now on is recovery."""
        self.over = time.time()

    def go_on(self, seconds: float) -> None:
        """Let the load continue for a while."""
        time.sleep(seconds)

    def between(self, least: float, most: float) -> None:
        """Let the load continue until a random moment."""
        self.go_on(self.chance.uniform(least, most))

    def kill(self, *names: str) -> None:
        """Send SIGKILL to processes; the supervisor restarts them. Their calls may be repeated."""
        in_flight = self.stack.journal.in_flight(self.slack)
        for name in names:
            self.stack.fleet.kill(name)
        self._wait_for_notes()
        in_flight += self.stack.journal.in_flight(self.slack)
        calls = {(call.hook_id, call.attempt): call for call in in_flight}
        self.facts.in_flight.update(key for key, call in calls.items() if self.caller(call) is None)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Record the duration of the block as a time without any delivery."""
        began = time.monotonic()
        yield
        self.facts.away = max(self.facts.away, time.monotonic() - began)

    def note_in_flight(self) -> None:
        """Record the calls in flight now and a moment later: each may be repeated once."""
        with self.interrupting():
            pass

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Record the calls in flight before the block and a moment after it: each may be repeated once."""
        before = self._in_flight()
        yield
        self._wait_for_notes()
        self.facts.in_flight.update(before | self._in_flight())

    def next_call(self, condition: Callable[[Call], bool]) -> Call:
        """Return a call that arrives from now on and for which `condition` holds.

        Raises:
            TimeoutError: there is none.
        """
        now = time.time()
        call = self.stack.journal.wait_for(
            lambda call: max(call.arrived, call.answered or 0) > now and condition(call), SOON
        )
        if call is None:
            raise TimeoutError("no such call came")
        return call

    def next_slow_call(self) -> tuple[Call, str]:
        """Return an unanswered call, and the worker that makes it.

        Raises:
            TimeoutError: there is none.
        """
        while True:
            call = self.next_call(lambda call: call.path == "/slow" and call.answered is None)
            if name := self.caller(call):
                return call, name

    def caller(self, call: Call) -> str | None:
        """Return the worker that made a call, if it still holds the connection."""
        by_pid = {}
        for name in WORKERS:
            with suppress(KeyError):  # it waits for its restart
                by_pid[self.stack.fleet.pid(name)] = name
        pid = process_at_port(call.peer, by_pid)
        return None if pid is None else by_pid[pid]

    def wait_until_calling(self, *names: str) -> None:
        """Wait until each of these workers has made a call that started after now."""
        for name in names:
            began = time.time()
            wait_until(lambda: self._calls(name, began), SOON, f"{name} making calls again")  # noqa: B023 - used at once

    def _wait_for_notes(self) -> None:
        """Wait until the receiver has recorded what it was sent."""
        self.go_on(max(MOMENT, self.slack / 4))

    def _in_flight(self) -> set[tuple[str, int]]:
        return {(call.hook_id, call.attempt) for call in self.stack.journal.in_flight(self.slack)}

    def _calls(self, name: str, since: float) -> bool:
        recent = [call for call in self.stack.journal.calls() if call.arrived > since]
        return any(self.caller(call) == name for call in recent[-5:])


class Broker(Enum):
    """The broker with Celery's queues."""

    REDIS = "the Redis of the ledger"
    RABBITMQ = "a RabbitMQ"


@dataclass(frozen=True)
class Fault:
    """One way to break a running Ringback.

    Attributes:
        name: its name on the command line.
        sentence: its description for the table.
        inject: injects it once, and returns when it is over.
        bounds: its allowed effects.
        rounds: the number of rounds in a long run, if it differs from the others.
        quick: whether it belongs to the quick run: not if another fault shows the same, or if it takes long.
        broker: the broker that it concerns, if any.
        alone: whether a long run must not try others at the same time, as it needs the whole machine.
    """

    name: str
    sentence: str
    inject: Callable[[Scene], None]
    bounds: Bounds = field(default_factory=Bounds)
    rounds: int | None = None
    quick: bool = True
    broker: Broker | None = None
    alone: bool = False
