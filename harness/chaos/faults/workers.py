"""Workers that are killed or held up in the middle of their work."""

from __future__ import annotations

import time
from dataclasses import replace

from harness.chaos.bounds import LOST_TWICE, Bounds
from harness.chaos.records import Call
from harness.chaos.scene import SOON, Fault, Scene
from harness.chaos.stack import WORKERS
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks_local.fleet import frozen, wait_until

#: Seconds between questions whether an event without a call has ended.
A_WHILE = 1.0
#: How often a fault is tried for which the machine may be too slow.
TRIES = 20


def kill_in_a_call(scene: Scene) -> None:
    """Kill the worker whose call the receiver is answering."""
    _, name = scene.next_slow_call()
    scene.kill(name)
    _wait_for_both(scene)


def kill_before_the_record(scene: Scene) -> None:
    """Hold the worker up while the receiver answers it, and kill it before it can read the answer."""
    if not any(_killed_before_the_record(scene) for _ in range(TRIES)):
        scene.facts.wrong.append("No worker was held up before it had its answer.")
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
        scene.is_over()
        scene.wait_until_calling(name)
        scene.between(0, 0.5)


def outlive_the_lease(scene: Scene) -> None:
    """Freeze a worker for longer than a lease, in the middle of a call."""
    call, name = scene.next_slow_call()
    with frozen(scene.stack.fleet.pid(name)):
        wait_until(lambda: _times_called(scene, call) > 1, scene.size.terms.lease + SOON, "the call repeated")
    scene.is_over()
    scene.wait_until_calling(name)


def poison(scene: Scene) -> None:
    """Send an event on each of whose calls the worker that makes it is killed.

    On a slow machine a call may come to its deadline before that: it was not interrupted, and is one more. An
    event that ends so shows nothing, and another one is sent.
    """
    for _ in range(TRIES):
        hook_id, calls = _poisoned(scene)
        logged = scene.stack.customer.log([hook_id], SOON)[hook_id]
        interrupted = sum(attempt.interrupted for attempt in logged.attempts)
        if len(logged.attempts) - interrupted <= len(scene.size.delays):
            break
    told = f"{interrupted} of {calls} calls of the poison were interrupted, then it was {logged.state}"
    scene.facts.remarks.append(told)
    if interrupted != MAX_INTERRUPTIONS or logged.state != "exhausted":
        scene.facts.wrong.append(f"{told}.")


def _killed_before_the_record(scene: Scene) -> bool:
    """Hold a worker up while it is answered, and kill it; returns False if it got its answer before."""
    call, name = scene.next_slow_call()
    with frozen(scene.stack.fleet.pid(name)):
        held = time.time()
        wait_until(lambda: _answered(scene, call) is not None, SOON, "the call answered")
        in_time = (_answered(scene, call) or 0.0) >= held
        if in_time:
            scene.kill(name)
    return in_time


def _poisoned(scene: Scene) -> tuple[str, int]:
    """Send one event, and kill each worker that calls for it until it ends; returns its hookId and calls."""
    producer = scene.stack.producer(scene.notebook)
    (hook_id,) = producer.send("poison").hook_ids
    producer.close()
    calls, latest = 0, 0.0
    while calls < 2 * MAX_INTERRUPTIONS and (call := _next_poison(scene, hook_id, latest)):
        calls, latest = calls + 1, call.arrived
        if name := scene.caller(call):
            scene.kill(name)
    return hook_id, calls


def _next_poison(scene: Scene, hook_id: str, latest: float) -> Call | None:
    """Return the next call of the poison event, after a lease and a random wait; None when it has ended."""
    end = time.monotonic() + (MAX_INTERRUPTIONS + 1) * scene.size.terms.lease + SOON
    while time.monotonic() < end:
        if call := scene.stack.journal.wait_for(
            lambda call: call.hook_id == hook_id and call.arrived > latest, A_WHILE
        ):
            return call
        if scene.stack.customer.log([hook_id], 0)[hook_id].ended:
            return None
    return None


def _answered(scene: Scene, call: Call) -> float | None:
    """Return the Unix seconds at which a call was answered."""
    for one in scene.stack.journal.calls():
        if (one.hook_id, one.arrived) == (call.hook_id, call.arrived):
            return one.answered
    return None


def _times_called(scene: Scene, call: Call) -> int:
    attempts = [(one.hook_id, one.attempt) for one in scene.stack.journal.calls()]
    return attempts.count((call.hook_id, call.attempt))


def _wait_for_both(scene: Scene) -> None:
    scene.is_over()
    wait_until(lambda: scene.stack.supervisor.idle, SOON, "the workers started again")
    scene.wait_until_calling(*WORKERS)


#: Rounds follow each other so closely that a call may be cut off in two of them.
_AGAIN = Bounds(cut_off_again=2)
FAULTS = [
    Fault(
        "poison",
        "An event kills its worker on each of its calls.",
        poison,
        Bounds(waiting_late=LOST_TWICE, cut_off_again=MAX_INTERRUPTIONS - 1),
        rounds=1,
        quick=False,
    ),
    Fault("worker-killed-in-call", "A worker is killed in the middle of a call.", kill_in_a_call, _AGAIN),
    Fault(
        "worker-killed-before-record",
        "A worker is killed between the receiver's 200 and its record.",
        kill_before_the_record,
        _AGAIN,
    ),
    Fault(
        "workers-killed-in-short-wait",
        "All workers are killed while retries wait for the second attempt.",
        lambda scene: kill_while_waiting(scene, 1),
        _AGAIN,
        quick=False,
    ),
    Fault(
        "workers-killed-in-long-wait",
        "All workers are killed while retries wait for the third attempt.",
        lambda scene: kill_while_waiting(scene, 2),
        _AGAIN,
    ),
    Fault(
        "workers-killed-at-random",
        "Workers are killed at random moments.",
        kill_at_random,
        replace(_AGAIN, waiting_late=LOST_TWICE),
        quick=False,
    ),
    Fault(
        "lease-outlived",
        "A worker is frozen for longer than a lease while the others go on.",
        outlive_the_lease,
        Bounds(unmarked=True),
    ),
]
