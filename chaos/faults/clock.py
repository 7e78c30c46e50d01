"""A worker whose wall clock is wrong."""

from __future__ import annotations

from chaos.bounds import Bounds
from chaos.scene import Fault, Scene
from chaos.stack import WORKERS

HOUR = 3600


def one_hour(scene: Scene, seconds: int) -> None:
    """Set one worker's clock an hour off, and then right again."""
    scene.stack.clock.write_text(str(seconds))
    scene.go_on(scene.size.outage)
    scene.stack.clock.write_text("0")
    scene.wait_until_calling(*WORKERS)


FAULTS = [
    Fault(
        "clock-ahead",
        "A worker's wall clock goes an hour forward, and back.",
        lambda scene: one_hour(scene, HOUR),
        Bounds(waiting_late=15.0),
    ),
    Fault(
        "clock-behind",
        "A worker's wall clock goes an hour back, and forward.",
        lambda scene: one_hour(scene, -HOUR),
        Bounds(waiting_late=15.0),
    ),
]
