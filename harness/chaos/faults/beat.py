"""Beat killed, frozen, and running twice."""

from __future__ import annotations

from harness.chaos.faults.queue import delete
from harness.chaos.scene import SOON, Broker, Fault, Scene
from harness.chaos.sockets import is_connected
from webhooks_local.fleet import frozen, wait_until


def kill(scene: Scene) -> None:
    """Kill beat when messages have been lost, which only its sweeps make good; it comes back."""
    delete(scene)
    scene.kill("beat")
    scene.is_over()
    wait_until(lambda: scene.stack.supervisor.idle, SOON, "beat started again")


def freeze(scene: Scene) -> None:
    """Freeze beat for a while, and lose messages meanwhile: no sweep comes, and then it does."""
    with scene.away(), frozen(scene.stack.fleet.pid("beat")):  # lost messages are only published again afterwards
        delete(scene)
        scene.go_on(scene.size.outage)
    scene.is_over()


def double(scene: Scene) -> None:
    """Run two beats at once."""
    scene.stack.fleet.start("beat-2")
    redis = scene.stack.redis.port
    wait_until(lambda: is_connected(scene.stack.fleet.pid("beat-2"), redis), SOON, "the second beat at work")
    scene.go_on(scene.size.outage)
    scene.stack.fleet.end("beat-2")


FAULTS = [
    Fault(
        "beat-killed",
        "Messages are lost, and beat is killed and comes back.",
        kill,
        quick=False,
        broker=Broker.REDIS,
    ),
    Fault(
        "beat-frozen",
        "Messages are lost while beat hangs: there is no sweep for a while.",
        freeze,
        broker=Broker.REDIS,
    ),
    Fault("two-beats", "Two beats run at once.", double, quick=False, broker=Broker.REDIS),
]
