"""Workers that are killed, or held up, in the middle of their work."""

from __future__ import annotations

import time

from chaos.bounds import Bounds
from chaos.records import Call
from chaos.scene import SOON, Fault, Scene
from chaos.size import LONG
from chaos.stack import WORKERS
from webhooks_local.fleet import frozen, wait_until

#: How often a delivery may be interrupted before it is parked.
POISON_CALLS = 5


def kill_in_a_call(scene: Scene) -> None:
    """Kill the worker whose call the receiver is answering."""
    call = scene.next_call(_is_slow)
    if name := scene.caller(call):
        scene.kill(name)
    _wait_for_both(scene)


def kill_before_the_record(scene: Scene) -> None:
    """Hold the worker up while the receiver answers it, and kill it before it can read the answer."""
    call = scene.next_call(_is_slow)
    name = scene.caller(call)
    if name is None:
        return
    with frozen(scene.stack.fleet.pid(name)):
        wait_until(lambda: _is_answered(scene, call), SOON, "the call answered")
        scene.kill(name)
    _wait_for_both(scene)


def kill_while_waiting(scene: Scene, failed_attempt: int) -> None:
    """Kill all workers at a random moment of the wait after a failed attempt."""
    scene.next_call(lambda call: call.status == 500 and call.attempt == failed_attempt)
    scene.between(0, scene.size.delays[failed_attempt - 1])
    with scene.away():
        scene.kill(*WORKERS)
        _wait_for_both(scene)


def kill_at_random(scene: Scene) -> None:
    """Kill one worker after another at random moments."""
    for _ in range(2):
        name = scene.chance.choice(WORKERS)
        scene.kill(name)
        scene.wait_until_calling(name)
        scene.between(0, 0.5)


def outlive_the_lease(scene: Scene) -> None:
    """Freeze a worker for longer than a lease, in the middle of its calls."""
    scene.next_call(_is_slow)
    with frozen(scene.stack.fleet.pid(WORKERS[0])):
        scene.note_in_flight()
        scene.go_on(scene.size.terms.lease + 2)
    scene.is_over()
    scene.wait_until_calling(WORKERS[0])


def poison(scene: Scene) -> None:
    """Send an event on each of whose calls the worker that makes it is killed."""
    producer = scene.stack.producer(scene.notebook)
    (hook_id,) = producer.send("poison").hook_ids
    producer.close()
    calls = 0
    while calls <= POISON_CALLS and (call := _next_poison(scene, hook_id, calls)):
        calls += 1
        if name := scene.caller(call):
            scene.kill(name)
    state = scene.stack.customer.log([hook_id], SOON)[hook_id].state
    scene.facts.remarks.append(f"{calls} calls of the poison, then {state}")
    if calls != POISON_CALLS or state != "exhausted":
        scene.facts.wrong.append(f"The poison was called {calls} times and is {state}.")


def _next_poison(scene: Scene, hook_id: str, calls: int) -> Call | None:
    """Return the next call of the poison, after a lease and a random wait; None when it has ended."""
    end = time.monotonic() + (POISON_CALLS + 1) * scene.size.terms.lease + SOON
    while time.monotonic() < end:
        seen = [call for call in scene.stack.journal.calls() if call.hook_id == hook_id]
        if len(seen) > calls:
            return seen[-1]
        if scene.stack.customer.log([hook_id], 0)[hook_id].ended:
            return None
        scene.go_on(0.1)
    return None


def _is_slow(call: Call) -> bool:
    return call.path == "/slow" and call.answered is None


def _is_answered(scene: Scene, call: Call) -> bool:
    return any(
        one.answered is not None
        for one in scene.stack.journal.calls()
        if (one.hook_id, one.arrived) == (call.hook_id, call.arrived)
    )


def _wait_for_both(scene: Scene) -> None:
    scene.is_over()
    wait_until(lambda: scene.stack.supervisor.idle, SOON, "the workers started again")
    scene.wait_until_calling(*WORKERS)


#: A call may be interrupted twice, and then waits up to two leases more; a retry's message may be lost twice, and
#: is published again after 3 s and then after 10 s.
_TWICE = Bounds(waiting_late=15.0, repeated_within=2 * LONG.terms.lease, recovery=4 * LONG.terms.lease)
FAULTS = [
    # From the second interruption on a random time is added to the lease: up to four leases after the fourth.
    Fault(
        "poison",
        "An event kills its worker on each of its calls.",
        poison,
        Bounds(repeated_within=4 * LONG.terms.lease, recovery=5 * LONG.terms.lease),
        rounds=1,
    ),
    Fault("worker-killed-in-call", "A worker is killed in the middle of a call.", kill_in_a_call),
    Fault(
        "worker-killed-before-record",
        "A worker is killed between the receiver's 200 and its record.",
        kill_before_the_record,
    ),
    Fault(
        "workers-killed-in-short-wait",
        "All workers are killed while retries wait for the second attempt.",
        lambda scene: kill_while_waiting(scene, 1),
    ),
    Fault(
        "workers-killed-in-long-wait",
        "All workers are killed while retries wait for the third attempt.",
        lambda scene: kill_while_waiting(scene, 2),
    ),
    Fault("workers-killed-at-random", "Workers are killed at random moments.", kill_at_random, _TWICE),
    Fault(
        "lease-outlived",
        "A worker is frozen for longer than a lease while the others go on.",
        outlive_the_lease,
        Bounds(unmarked=True),
    ),
]
