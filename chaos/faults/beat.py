"""Beat gone, and beat twice."""

from __future__ import annotations

from chaos.scene import Fault, Scene
from webhooks_local.fleet import frozen


def kill(scene: Scene) -> None:
    """Kill beat; it comes back."""
    scene.kill("beat")
    scene.go_on(3)


def freeze(scene: Scene) -> None:
    """Freeze beat for a while: no sweep comes."""
    with frozen(scene.stack.fleet.pid("beat")):
        scene.go_on(scene.size.outage)


def double(scene: Scene) -> None:
    """Run two beats at once."""
    scene.stack.fleet.start("beat-2")
    scene.go_on(scene.size.outage)
    scene.stack.fleet.end("beat-2")


FAULTS = [
    Fault("beat-killed", "Beat is killed and comes back.", kill),
    Fault("beat-frozen", "Beat hangs: there is no sweep for a while.", freeze),
    Fault("two-beats", "Two beats run at once.", double),
]
