"""Workers replaced under load, as each deployment does, with a call in flight that is never answered."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence

from harness.chaos.bounds import STOPPED_WITHIN, Bounds
from harness.chaos.scene import SOON, Fault, Scene
from harness.chaos.stack import WORKERS
from webhooks_local.fleet import wait_until

#: Seconds from SIGTERM to SIGKILL of an impatient supervisor.
IMPATIENCE = 3.0
#: How often a call may time out first, as on a slow machine, so that the worker needs no SIGKILL.
TRIES = 5


def replace_gently(scene: Scene) -> None:
    """Tell one worker after another to stop, wait for its end and start it again."""
    for name in WORKERS:
        _give_it_a_hanging_call(scene, name)
        began = time.monotonic()
        code = scene.stack.fleet.stop(name, 2 * STOPPED_WITHIN)
        seconds = time.monotonic() - began
        scene.facts.stops.append((name, seconds, code))
        scene.facts.remarks.append(f"{name} gone after {seconds:.1f} s")
        scene.stack.fleet.start(name)
        scene.is_over()
        scene.wait_until_calling(name)


def replace_rudely(scene: Scene) -> None:
    """Tell one worker after another to stop, and kill it three seconds later."""
    for name in WORKERS:
        if not any(_had_to_be_killed(scene, name) for _ in range(TRIES)):
            scene.facts.wrong.append(f"{name} did not wait for its call, and needed no SIGKILL.")


def _had_to_be_killed(scene: Scene, name: str) -> bool:
    """Stop a worker and kill it soon after; returns whether it still ran then. It is started again."""
    _give_it_a_hanging_call(scene, name)
    try:
        scene.stack.fleet.stop(name, min(IMPATIENCE, scene.size.timeout / 2))
        lived = False
        scene.stack.fleet.start(name)
    except subprocess.TimeoutExpired:
        lived = True
        scene.kill(name)
    scene.is_over()
    wait_until(lambda: scene.stack.supervisor.idle, SOON, "started again")
    scene.wait_until_calling(name)
    return lived


def _give_it_a_hanging_call(scene: Scene, name: str) -> None:
    """Send events that the receiver never answers, until this worker has one of them in flight."""
    producer = scene.stack.producer(scene.notebook)
    wait_until(lambda: _is_called_by(scene, name, producer.send("hanging").hook_ids), SOON, "a hanging call")
    producer.close()


def _is_called_by(scene: Scene, name: str, hook_ids: Sequence[str]) -> bool:
    call = scene.stack.journal.wait_for(lambda call: call.hook_id in hook_ids, SOON)
    return call is not None and scene.caller(call) == name


FAULTS = [
    Fault("deploy", "Workers are replaced one after the other: SIGTERM.", replace_gently),
    Fault(
        "deploy-rude",
        "Workers are replaced: SIGTERM, and SIGKILL 3 s later.",
        replace_rudely,
        Bounds(cut_off_again=2),
    ),
]
