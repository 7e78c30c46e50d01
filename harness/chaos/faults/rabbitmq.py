"""RabbitMQ as the broker, killed or unresponsive. The ledger in Redis knows all owed deliveries."""

from __future__ import annotations

from harness.chaos.bounds import LOST_TWICE, Bounds
from harness.chaos.rabbitmq import RabbitMQ
from harness.chaos.scene import Broker, Fault, Scene
from harness.chaos.stack import WORKERS


def kill(scene: Scene) -> None:
    """Kill it under load and start it again."""
    server = _rabbitmq(scene)
    with scene.away():
        server.kill()
        server.start()
        scene.is_over()
        scene.wait_until_calling(*WORKERS)


def hang(scene: Scene) -> None:
    """Freeze it for a while, so that it takes connections and answers nothing."""
    with scene.away():
        with _rabbitmq(scene).frozen():
            scene.go_on(scene.size.outage)
        scene.is_over()
        scene.wait_until_calling(*WORKERS)


def _rabbitmq(scene: Scene) -> RabbitMQ:
    assert scene.stack.rabbitmq is not None  # noqa: S101 - for mypy; the command line sees to it
    return scene.stack.rabbitmq


#: A message that was published during the outage is lost, and perhaps its repetition too.
_BOUNDS = Bounds(waiting_late=LOST_TWICE)
FAULTS = [
    Fault(
        "rabbitmq-killed",
        "RabbitMQ is the broker, and is killed and started again.",
        kill,
        _BOUNDS,
        quick=False,
        broker=Broker.RABBITMQ,
    ),
    Fault(
        "rabbitmq-hangs",
        "RabbitMQ is the broker, and hangs for 30 s.",
        hang,
        _BOUNDS,
        quick=False,
        broker=Broker.RABBITMQ,
    ),
]
