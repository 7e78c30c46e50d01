"""Everything at once: a power cut, a backlog, and the events of an hour."""

from __future__ import annotations

import math
import time

from harness.chaos.bounds import LOST_TWICE, STOPPED_WITHIN, Bounds
from harness.chaos.load import any_path
from harness.chaos.scene import Fault, Scene
from harness.chaos.stack import WORKERS
from harness.memory import resident_bytes
from webhooks_local.fleet import wait_until

BATCH = 1_000
#: The events of an hour, at 15 per second as under the other faults.
HOUR_OF_EVENTS = 54_000
#: The longest time for delivering a backlog, in seconds.
DRAINED_WITHIN = 900.0
#: The number of events in a request for their log.
FEW = 10
MEGABYTE = 1_000_000
#: The maximum growth of a process between half of the hour's events and all of them.
GROWTH = 10 * MEGABYTE


def power_cut(scene: Scene) -> None:
    """Kill everything, Redis too, and start it all again."""
    with scene.away():
        scene.kill(*scene.stack.names)
        scene.stack.redis.kill()
        scene.is_over()
        scene.stack.redis.start()
        scene.stack.wait_until_ready()
        scene.wait_until_calling(*WORKERS)


def backlog(scene: Scene) -> None:
    """Let events wait until the workers come, and see how fast they go through."""
    for name in WORKERS:
        scene.stack.fleet.stop(name, 2 * STOPPED_WITHIN)
    waiting = _send(scene, scene.size.backlog)
    began = time.monotonic()
    for name in WORKERS:
        scene.stack.fleet.start(name)
    scene.is_over()
    _wait_until_attempted(scene, waiting)
    rate = len(waiting) / (time.monotonic() - began)
    scene.facts.remarks.append(f"{len(waiting)} events drained at {rate:.0f} a second")


def memory(scene: Scene) -> None:
    """Send an hour's worth of events as fast as they are taken, and weigh the processes."""
    half = _weights_after(scene, HOUR_OF_EVENTS // 2)
    whole = _weights_after(scene, HOUR_OF_EVENTS // 2)
    for name in half:
        grown = (
            f"{name} {half[name] / MEGABYTE:.0f} MB after half of them, {whole[name] / MEGABYTE:.0f} MB at the end"
        )
        scene.facts.remarks.append(grown)
        if whole[name] > half[name] + GROWTH:
            scene.facts.wrong.append(f"Memory grows: {grown}.")


def _send(scene: Scene, count: int) -> set[str]:
    """Send events in batches, each on a new connection; returns the ids of the accepted ones."""
    accepted: set[str] = set()
    for start in range(0, count, BATCH):
        producer = scene.stack.producer(scene.notebook)
        paths = [any_path(scene.chance) for _ in range(min(BATCH, count - start))]
        accepted.update(producer.send_many(paths).hook_ids)
        producer.close()
    return accepted


def _wait_until_attempted(scene: Scene, hook_ids: set[str]) -> None:
    """Wait until each event was called, or has a logged attempt: a busy receiver may miss some calls."""
    waiting = set(hook_ids)

    def drained() -> bool:
        waiting.difference_update(call.hook_id for call in scene.stack.journal.calls())
        log = scene.stack.customer.log(list(waiting)[:FEW], 0)
        waiting.difference_update(hook_id for hook_id, logged in log.items() if logged.attempts)
        return not waiting

    wait_until(drained, DRAINED_WITHIN, "drained")


def _weights_after(scene: Scene, count: int) -> dict[str, int]:
    """Return the memory of each process after this many more events."""
    _wait_until_attempted(scene, _send(scene, count))
    api = scene.stack.api_processes()
    weights = {f"API process {number + 1}": resident_bytes(pid) for number, pid in enumerate(api)}
    return weights | {name: resident_bytes(scene.stack.fleet.pid(name)) for name in WORKERS}


#: A due retry waits in the queue behind everything else.
_SLOWED = Bounds(waiting_late=math.inf, late_recovery=True, slowest_ingest=10.0)
FAULTS = [
    Fault(
        "power-cut",
        "API, workers, beat and Redis are killed at once and started again.",
        power_cut,
        Bounds(
            refused_with=frozenset({None, 503}),
            waiting_late=LOST_TWICE,
            cut_off_again=2,
            slowest_ingest=math.inf,
        ),
    ),
    Fault(
        "backlog",
        "Events wait until the workers are started.",
        backlog,
        _SLOWED,
        rounds=1,
        quick=False,
        alone=True,
    ),
    Fault(
        "memory", "An hour's worth of events at full speed.", memory, _SLOWED, rounds=1, quick=False, alone=True
    ),
]
