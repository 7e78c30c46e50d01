"""Workers replaced under load, as each deploy does."""

from __future__ import annotations

import subprocess
import time

from chaos.bounds import STOPPED_WITHIN
from chaos.scene import SOON, Fault, Scene
from chaos.stack import WORKERS
from webhooks_local.fleet import wait_until

IMPATIENCE = 3.0


def replace_gently(scene: Scene) -> None:
    """Tell one worker after another to stop, wait for its end and start it again."""
    for name in WORKERS:
        began = time.monotonic()
        code = scene.stack.fleet.stop(name, 2 * STOPPED_WITHIN)
        scene.facts.stops.append((name, time.monotonic() - began, code))
        scene.stack.fleet.start(name)
        scene.wait_until_calling(name)


def replace_rudely(scene: Scene) -> None:
    """Tell one worker after another to stop, and kill it three seconds later."""
    for name in WORKERS:
        try:
            scene.stack.fleet.stop(name, IMPATIENCE)
        except subprocess.TimeoutExpired:
            scene.kill(name)
            wait_until(lambda: scene.stack.supervisor.idle, SOON, "started again")
        else:
            scene.stack.fleet.start(name)
        scene.wait_until_calling(name)


FAULTS = [
    Fault("deploy", "Workers are replaced one after the other: SIGTERM.", replace_gently),
    Fault("deploy-rude", "Workers are replaced: SIGTERM, and SIGKILL 3 s later.", replace_rudely),
]
