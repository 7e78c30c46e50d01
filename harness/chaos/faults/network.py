"""One worker cut off from Redis, while the others go on."""

from __future__ import annotations

from functools import partial

from harness.chaos.bounds import LOST_TWICE, Bounds
from harness.chaos.proxy import BROKEN, LATE, Direction
from harness.chaos.scene import Fault, Scene
from harness.chaos.stack import WORKERS

BOTH, TO_REDIS, FROM_REDIS = frozenset(Direction), frozenset({Direction.OUT}), frozenset({Direction.BACK})


def cut_off(
    scene: Scene, *, directions: frozenset[Direction] = BOTH, long: bool = False, manner: str = BROKEN
) -> None:
    """Let the bytes between one worker and Redis vanish, or come late; its connections stay open."""
    proxy = scene.stack.proxy
    with proxy.disturbed(lambda direction, _: direction in directions, manner=manner):
        scene.note_in_flight()
        scene.go_on(scene.size.cuts[long])
        if not proxy.held:
            scene.facts.wrong.append("Nothing was held back, so nothing was cut off.")
    scene.is_over()
    scene.wait_until_calling(*WORKERS)


#: The connection that reads messages may take one that no one gets, and then its repetition.
_CUT = Bounds(waiting_late=LOST_TWICE)
FAULTS = [
    Fault("worker-cut-off", "A worker is cut off from Redis for a short time.", cut_off, _CUT, quick=False),
    Fault(
        "worker-cut-off-long",
        "A worker is cut off from Redis for longer than a lease.",
        partial(cut_off, long=True),
        _CUT,
    ),
    Fault(
        "worker-unheard",
        "Redis hears nothing from a worker for a short time; its answers arrive.",
        partial(cut_off, directions=TO_REDIS),
        _CUT,
    ),
    Fault(
        "worker-unheard-long",
        "Redis hears nothing from a worker for longer than a lease; its answers arrive.",
        partial(cut_off, directions=TO_REDIS, long=True),
        _CUT,
        quick=False,
    ),
    Fault(
        "worker-deaf",
        "Redis hears a worker, and its answers vanish for a short time.",
        partial(cut_off, directions=FROM_REDIS),
        _CUT,
    ),
    Fault(
        "worker-deaf-long",
        "Redis hears a worker, and its answers vanish for longer than a lease.",
        partial(cut_off, directions=FROM_REDIS, long=True),
        _CUT,
        quick=False,
    ),
    Fault(
        "worker-delayed",
        "What a worker and Redis say to each other comes late.",
        partial(cut_off, manner=LATE),
        _CUT,
    ),
]
