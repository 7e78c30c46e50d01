"""Redis restarted, killed, unresponsive, full, or unable to write."""

from __future__ import annotations

from dataclasses import replace

import redis.exceptions

from harness.chaos.bounds import LOST_TWICE, Bounds
from harness.chaos.scene import SOON, Fault, Scene
from harness.chaos.stack import WORKERS
from webhooks_local.fleet import frozen, wait_until


def restart(scene: Scene) -> None:
    """Let Redis end in its own time, and start it again on its file."""
    with scene.away(), scene.interrupting():
        scene.stack.redis.stop()
        scene.stack.redis.start()
    _wait_until_all_is_well(scene)


def kill(scene: Scene) -> None:
    """Kill Redis, and start it again on its file."""
    with scene.away(), scene.interrupting():
        scene.stack.redis.kill()
        scene.stack.redis.start()
    _wait_until_all_is_well(scene)


def hang(scene: Scene) -> None:
    """Freeze Redis: it takes connections and answers nothing."""
    with scene.away(), frozen(scene.stack.redis.pid):
        scene.note_in_flight()
        scene.go_on(scene.size.outage)
    _wait_until_all_is_well(scene)


def fill_memory(scene: Scene) -> None:
    """Leave Redis no memory for another write."""
    client = scene.stack.redis.client
    used = int(client.info("memory")["used_memory"])
    with scene.away():
        with scene.interrupting():
            client.config_set("maxmemory", used // 2)
            _wait_until_writes_are_refused(scene)
        scene.go_on(scene.size.outage)
        client.config_set("maxmemory", 0)
    _wait_until_all_is_well(scene)


def fill_disk(scene: Scene) -> None:
    """Leave Redis no room to append to its file."""
    with scene.away(), scene.stack.redis.disk_full():
        with scene.interrupting():
            _wait_until_writes_are_refused(scene)
        scene.go_on(scene.size.outage)
    _wait_until_all_is_well(scene)


def demote(scene: Scene) -> None:
    """Make Redis a replica, as a failover does: it reads and refuses to write."""
    client = scene.stack.redis.client
    with scene.away():
        with scene.interrupting():
            client.replicaof("127.0.0.1", "1")
            _wait_until_writes_are_refused(scene)
        scene.go_on(scene.size.outage)
        client.replicaof("NO", "ONE")
    _wait_until_all_is_well(scene)


def _wait_until_writes_are_refused(scene: Scene) -> None:
    wait_until(lambda: _refuses_writes(scene), SOON, "refusing to write")


def _refuses_writes(scene: Scene) -> bool:
    try:
        scene.stack.redis.client.set("chaos", "1")
    except redis.exceptions.ResponseError:
        return True
    return False


def _wait_until_all_is_well(scene: Scene) -> None:
    scene.is_over()
    scene.stack.wait_until_ready()
    scene.wait_until_calling(*WORKERS)


#: A message that could not be published is published by the sweep 10 s later.
_RESTARTED = Bounds(refused_with=frozenset({503}), waiting_late=LOST_TWICE)
_AWAY = replace(_RESTARTED, must_refuse=True)
FAULTS = [
    Fault("redis-restarted", "Redis is restarted.", restart, _RESTARTED, quick=False),
    Fault("redis-killed", "Redis is killed and started again.", kill, _RESTARTED),
    Fault("redis-hangs", "Redis takes connections and answers nothing.", hang, _AWAY),
    Fault("redis-full", "Redis has no memory left.", fill_memory, _AWAY, quick=False),
    Fault("redis-disk-full", "Redis cannot write its append-only file.", fill_disk, _AWAY, quick=False),
    Fault("redis-read-only", "Redis is a read-only replica for a while.", demote, _AWAY),
]
