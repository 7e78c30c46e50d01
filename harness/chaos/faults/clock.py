"""A worker whose wall clock is wrong."""

from __future__ import annotations

from functools import partial

from harness.chaos.scene import Fault, Scene
from harness.chaos.stack import WORKERS

HOUR = 3600


def one_hour(scene: Scene, seconds: int) -> None:
    """Set one worker's clock an hour off, and then right again."""
    scene.stack.clock.set(seconds)
    scene.go_on(scene.size.outage)
    scene.stack.clock.set(0)
    scene.is_over()
    scene.wait_until_calling(*WORKERS)


FAULTS = [
    Fault(
        "clock-ahead",
        "A worker's wall clock goes an hour forward, and back.",
        partial(one_hour, seconds=HOUR),
    ),
    Fault(
        "clock-behind",
        "A worker's wall clock goes an hour back, and forward.",
        partial(one_hour, seconds=-HOUR),
    ),
]
