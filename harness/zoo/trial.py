"""One trial: many concurrent calls of one behaviour, and their results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import cycle, islice

from harness.customer import Customer
from harness.zoo.behaviour import Behaviour
from harness.zoo.evidence import Evidence, FirstAttempt, first_attempt
from harness.zoo.memory_growth import MemoryGrowth
from harness.zoo.network import Network
from harness.zoo.size import ZooSize
from harness.zoo.stack import ZooStack

#: Seconds after the timeout of a call within which its attempt is in the log.
LOG_SECONDS = 60.0
_PAUSE = 0.1


def try_behaviour(stack: ZooStack, network: Network, behaviour: Behaviour, size: ZooSize) -> Evidence:
    """Call a behaviour, and return the observations.

    Raises:
        StackBrokenError: a process has ended.
    """
    with network.receiver(behaviour, size.ports) as receiver:
        profiles = [stack.customer.profile(url) for url in receiver.urls]
        network.move_names(receiver)
        ref_ids = list(islice(cycle(profiles), size.calls))
        hook_ids: list[str] = []
        attempts: list[FirstAttempt] = []
        with MemoryGrowth(stack.worker) as memory:
            for _ in range(behaviour.waves):
                wave = stack.send(ref_ids, behaviour.padding)
                attempts += _attempts(stack.customer, wave, size.timeout + LOG_SECONDS)
                hook_ids += wave
            growth = memory.growth()
        stack.check()
        return Evidence(len(hook_ids), attempts, receiver.calls, receiver.connections, memory.most, growth)


def _attempts(customer: Customer, hook_ids: Sequence[str], patience: float) -> list[FirstAttempt]:
    """Return the first attempts of these deliveries that are in the log after `patience` seconds."""
    end = time.monotonic() + patience
    found: list[FirstAttempt] = []
    for hook_id in hook_ids:
        while (attempt := first_attempt(customer.delivery(hook_id))) is None and time.monotonic() < end:
            time.sleep(_PAUSE)
        if attempt is not None:
            found.append(attempt)
    return found
