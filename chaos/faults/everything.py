"""Everything at once: a power cut, a backlog, an hour's events."""

from __future__ import annotations

import math
import time

from chaos.bounds import STOPPED_WITHIN, Bounds
from chaos.load import any_path
from chaos.scene import Fault, Scene
from chaos.size import LONG
from chaos.sockets import resident_bytes
from chaos.stack import WORKERS
from webhooks_local.fleet import wait_until

BATCH = 1_000
#: An hour of 15 events a second, as there are under the other faults.
HOUR_OF_EVENTS = 54_000
#: Seconds that a backlog may take to be drained.
DRAINED_WITHIN = 900.0
#: Events about which the log is asked at a time.
FEW = 10
MEGABYTE = 1_000_000


def power_cut(scene: Scene) -> None:
    """Kill everything, Redis too, and start it all again."""
    with scene.away():
        scene.kill(*scene.stack.names)
        scene.stack.redis.kill()
        scene.note_in_flight()
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
    _wait_until_attempted(scene, waiting)
    rate = len(waiting) / (time.monotonic() - began)
    scene.facts.remarks.append(f"{len(waiting)} events drained at {rate:.0f} a second")


def memory(scene: Scene) -> None:
    """Send an hour's worth of events as fast as they are taken, and weigh the processes."""
    first = _send(scene, HOUR_OF_EVENTS // 10)
    _wait_until_attempted(scene, first)
    early = _weights(scene)
    rest = _send(scene, HOUR_OF_EVENTS - len(first))
    _wait_until_attempted(scene, rest)
    late = _weights(scene)
    scene.facts.remarks += [
        f"{name} {early[name] / MEGABYTE:.0f} MB at 10 %, {late[name] / MEGABYTE:.0f} MB at the end"
        for name in early
    ]


def _send(scene: Scene, count: int) -> set[str]:
    """Send events in batches; returns the ids of those that were accepted."""
    producer = scene.stack.producer(scene.notebook)
    accepted: set[str] = set()
    for _ in range(math.ceil(count / BATCH)):
        paths = [any_path(scene.chance) for _ in range(min(BATCH, count))]
        accepted.update(producer.send_many(paths).hook_ids)
    producer.close()
    return accepted


def _wait_until_attempted(scene: Scene, hook_ids: set[str]) -> None:
    """Return when each event was called, or an attempt is logged: a crowded receiver may not see them all."""
    waiting = set(hook_ids)

    def drained() -> bool:
        waiting.difference_update(call.hook_id for call in scene.stack.journal.calls())
        log = scene.stack.customer.log(list(waiting)[:FEW], 0)
        waiting.difference_update(hook_id for hook_id, logged in log.items() if logged.attempts)
        return not waiting

    wait_until(drained, DRAINED_WITHIN, "drained")


def _weights(scene: Scene) -> dict[str, int]:
    api = scene.stack.api_processes()
    weights = {f"API process {number + 1}": resident_bytes(pid) for number, pid in enumerate(api)}
    return weights | {name: resident_bytes(scene.stack.fleet.pid(name)) for name in WORKERS}


_SLOWED = Bounds(waiting_late=math.inf, recovery=math.inf, slowest_ingest=10.0)
FAULTS = [
    Fault(
        "power-cut",
        "API, workers, beat and Redis are killed at once and started again.",
        power_cut,
        # A call that is cut off in two rounds waits for up to two leases more.
        Bounds(refusals=True, waiting_late=15.0, repeated_within=2 * LONG.terms.lease, slowest_ingest=math.inf),
    ),
    Fault("backlog", "Events wait until the workers are started.", backlog, _SLOWED, rounds=1),
    Fault("memory", "An hour's worth of events at full speed.", memory, _SLOWED, rounds=1, quick=False),
]
