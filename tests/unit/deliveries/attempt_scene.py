"""Helpers of the tests with many deliveries."""

from __future__ import annotations

from unit.conftest import Scene
from webhooks.deliveries.delivery import State
from webhooks.http.call import Failure, Outcome

TIMEOUT = Outcome(503, Failure.TIMEOUT, 10_000)


#: So slow that only a few may wait for a slot.
SLOW = Outcome(200, None, 2_000)


def states(scene: Scene, hook_ids: list[str]) -> list[State]:
    return [scene.store.delivery(hook_id).state for hook_id in hook_ids]


def end_all(scene: Scene, outcome: Outcome, first: int = 0) -> None:
    """End all calls from the first on, including those that start when others have ended."""
    while first < len(scene.calls.sent):
        scene.calls.end(outcome, first)
        first += 1
