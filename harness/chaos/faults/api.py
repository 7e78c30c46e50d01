"""The API killed at its worst moments."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from harness.chaos.bounds import Bounds
from harness.chaos.proxy import Direction, Proxy
from harness.chaos.scene import SOON, Broker, Fault, Scene
from webhooks_local.fleet import wait_until

KILLS = 3


def kill_at_random(scene: Scene) -> None:
    """Kill one of gunicorn's workers at random moments, and gunicorn itself in the end."""
    for _ in range(KILLS):
        scene.between(0, 0.5)
        _kill(scene.chance.choice(_processes(scene)))
    scene.kill("web")
    scene.is_over()
    scene.stack.wait_until_ready()


def kill_before_the_answer(scene: Scene) -> None:
    """Hold up Redis' answer after it has stored events, and kill the API, so that no producer gets an answer."""
    with Proxy(scene.stack.redis.port) as proxy:
        _start_again(scene, scene.stack.redis_url(proxy.port))
        with proxy.disturbed(lambda direction, chunk: direction is Direction.BACK and b"stored" in chunk):
            wait_until(lambda: proxy.held > 0, SOON, "anything stored")
            scene.kill("web")
        scene.is_over()
        stored = _known(scene) - _promised(scene)
        wait_until(lambda: scene.stack.supervisor.idle, SOON, "the API started again")
        _start_again(scene, scene.stack.redis.url)
    if not stored:
        scene.facts.wrong.append("No event was stored without an answer to its producer.")
    wait_until(lambda: stored <= _called(scene), SOON, "called, though its producer got no answer")


def kill_after_the_answer(scene: Scene) -> None:
    """Kill the API in the moment in which a producer has its 202."""
    for _ in range(KILLS):
        pids = _processes(scene)
        if not scene.notebook.wait_for_another(SOON):
            raise TimeoutError("no event was accepted")
        for pid in pids:
            _kill(pid)
        scene.is_over()
        scene.stack.wait_until_ready()


def _processes(scene: Scene) -> Sequence[int]:
    wait_until(lambda: bool(scene.stack.api_processes()), SOON, "any process of the API")
    return scene.stack.api_processes()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _known(scene: Scene) -> set[str]:
    """Return the hookIds of all deliveries that are owed or were called."""
    owed = cast("list[bytes]", scene.stack.redis.client.zrange("alarms", 0, -1))
    return {hook_id.decode() for hook_id in owed} | _called(scene)


def _promised(scene: Scene) -> set[str]:
    return {hook_id for answer in scene.notebook.answers() for hook_id in answer.hook_ids}


def _called(scene: Scene) -> set[str]:
    return {call.hook_id for call in scene.stack.journal.calls()}


def _start_again(scene: Scene, redis_url: str) -> None:
    scene.stack.wait_until_ready()
    scene.stack.fleet.stop("web", SOON)
    scene.stack.fleet.start("web", REDIS_URL=redis_url)
    scene.stack.wait_until_ready()


#: While there is no process to answer, requests wait for one.
_REFUSES = Bounds(refused_with=frozenset({None}), slowest_ingest=math.inf)
FAULTS = [
    Fault(
        "api-killed-at-random",
        "The API's processes are killed at random moments.",
        kill_at_random,
        _REFUSES,
        quick=False,
    ),
    Fault(
        "api-killed-before-the-answer",
        "The API is killed when an event is stored and nobody has been told.",
        kill_before_the_answer,
        _REFUSES,
        broker=Broker.REDIS,
    ),
    Fault("api-killed-after-202", "The API is killed right after a 202.", kill_after_the_answer, _REFUSES),
]
