"""One worker cut off from Redis, while the others go on."""

from __future__ import annotations

from functools import partial

from chaos.bounds import Bounds
from chaos.proxy import BROKEN, LATE, Direction
from chaos.scene import Fault, Scene
from chaos.stack import WORKERS

BOTH = frozenset(Direction)


def cut_off(
    scene: Scene, *, directions: frozenset[Direction] = BOTH, long: bool = False, manner: str = BROKEN
) -> None:
    """Let the bytes between one worker and Redis vanish, or come late; its connections stay open."""
    with scene.stack.proxy.disturbed(lambda direction, _: direction in directions, manner=manner):
        with scene.interrupting():
            scene.go_on(0.5)
        scene.go_on(scene.size.cuts[long])
    scene.is_over()
    scene.wait_until_calling(*WORKERS)


_CUT = Bounds(waiting_late=15.0)
FAULTS = [
    Fault("worker-cut-off", "A worker is cut off from Redis for a short time.", cut_off, _CUT),
    Fault(
        "worker-cut-off-long",
        "A worker is cut off from Redis for longer than a lease.",
        partial(cut_off, long=True),
        _CUT,
    ),
    Fault(
        "worker-unheard",
        "Redis hears nothing from a worker; its answers arrive.",
        partial(cut_off, directions=frozenset({Direction.OUT}), long=True),
        _CUT,
    ),
    Fault(
        "worker-deaf",
        "Redis hears a worker; its answers vanish.",
        partial(cut_off, directions=frozenset({Direction.BACK}), long=True),
        _CUT,
    ),
    Fault(
        "worker-delayed",
        "What a worker and Redis say to each other comes late.",
        partial(cut_off, manner=LATE),
        _CUT,
    ),
]
