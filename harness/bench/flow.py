"""The way of events through a system: what was sent, what arrived, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.bench.calls import LoggedCall
from harness.bench.numbers import rate
from harness.bench.sending import Sent
from harness.bench.system import System

#: Seconds within which the next call must end, or the missing events are lost: longer than any successful event
#: waits.
PATIENCE = 30.0


@dataclass(frozen=True)
class Flow:
    """Events, all of which were accepted and arrived at the receiver.

    Attributes:
        taken: the calls that the receiver answered 200, in the order of `sent`.
        cpu: seconds of CPU time by kind of process.
    """

    sent: Sent
    taken: Sequence[LoggedCall]
    cpu: Mapping[str, float] = field(default_factory=dict)

    @property
    def events(self) -> int:
        """The number of events."""
        return len(self.sent.hook_ids)

    @property
    def rate_end_to_end(self) -> float:
        """Events per second from the first sent to the last arrived."""
        return rate(self.events, min(self.sent.moments), max(call.arrived for call in self.taken))

    @property
    def rate_of_calls(self) -> float:
        """Events per second from the first arrived to the last."""
        moments = [call.arrived for call in self.taken]
        return rate(self.events, min(moments), max(moments))

    @property
    def latencies(self) -> list[float]:
        """Milliseconds from sending each event to its arrival."""
        arrived = {call.hook_id: call.arrived for call in reversed(self.taken)}
        sent = zip(self.sent.hook_ids, self.sent.moments, strict=True)
        return [1000 * (arrived[hook_id] - moment) for hook_id, moment in sent]

    @property
    def remarks(self) -> list[str]:
        """Further observations, as sentences."""
        doubled = len(self.taken) - self.events
        fresh = sum(call.is_first for call in self.taken)
        return [
            *([f"{doubled} of {self.events} events came twice."] if doubled else []),
            *([f"{fresh} of {self.events} calls over a new connection."] if fresh > self.events / 10 else []),
        ]


def load_flow(system: System, events: int, batch: int = 1, rate: float | None = None) -> Flow:
    """Send events to a running system, and wait until all have arrived; the arguments are those of `System.send`.

    Raises:
        LoadFailedError: not all were accepted.
        NotDeliveredError: not all arrived.
    """
    calls = system.target.receiver.calls()
    before = system.cpu_seconds()
    sent = system.send(events, batch, rate)
    taken = calls.wait_for(sent.hook_ids, PATIENCE)
    return Flow(sent, taken, {**spent(before, system.cpu_seconds()), "load": sent.cpu})


def backlog_flow(system: System, events: int, batch: int) -> Flow:
    """Let a running system accept events while its workers are frozen, and then deliver them.

    The CPU time is that of the delivery.

    Raises:
        LoadFailedError: not all were accepted.
        NotDeliveredError: not all arrived.
    """
    calls = system.target.receiver.calls()
    with system.workers_frozen():
        sent = system.send(events, batch)
        before = system.cpu_seconds()
    taken = calls.wait_for(sent.hook_ids, PATIENCE)
    return Flow(sent, taken, spent(before, system.cpu_seconds()))


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the differences by kind."""
    return {kind: after[kind] - seconds for kind, seconds in before.items()}
