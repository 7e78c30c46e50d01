"""Celery's messages lost, doubled, or malformed."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from typing import Any

from harness.chaos.scene import SOON, Broker, Fault, Scene
from harness.chaos.stack import WORKERS
from messaging.publishers import DeliverQueue
from messaging.queues import DELIVER, DELIVERIES, celery_app
from messaging.redis_transport import MALFORMED_COUNT
from webhooks_local.fleet import frozen, wait_until

QUEUE = DELIVERIES.name
DOUBLING_SECONDS = 3.0
#: The number of ids that are in the queue three times before a worker takes one of them.
WAITING_THRICE = 10
_WRONG_ARGUMENTS: list[Any] = [[], [1], [None], [["x", 1]], ["abc"], [[], []]]


def delete(scene: Scene) -> None:
    """Let messages gather while the workers hang, and delete them all."""
    client = scene.stack.redis.client
    with frozen(*(scene.stack.fleet.pid(name) for name in WORKERS)):
        wait_until(lambda: int(client.llen(QUEUE)) >= 10, SOON, "ten messages waiting")
        lost = client.llen(QUEUE)
        client.delete(QUEUE)
    scene.facts.remarks.append(f"{lost} messages lost")


def double(scene: Scene) -> None:
    """Publish each accepted id again, twice, as soon as it was accepted.

    The workers hang at first, so that some ids wait three times for certain, however busy the machine is.
    """
    app = celery_app("chaos", {"broker_url": scene.stack.redis.url})
    publish_ids = DeliverQueue(app)
    known = {hook_id for answer in scene.notebook.answers() for hook_id in answer.hook_ids}
    before, end = len(known), time.monotonic() + DOUBLING_SECONDS

    def publish_again() -> None:
        scene.notebook.wait_for_another(SOON)
        for answer in scene.notebook.answers():
            for hook_id in set(answer.hook_ids) - known:
                publish_ids([hook_id])
                publish_ids([hook_id])
                known.add(hook_id)

    with frozen(*(scene.stack.fleet.pid(name) for name in WORKERS)):
        while len(known) < before + WAITING_THRICE:
            publish_again()
    while time.monotonic() < end:
        publish_again()
    app.close()
    scene.facts.remarks.append(f"{len(known) - before} ids published twice more")


def spoil(scene: Scene) -> None:
    """Put nonsense among the messages."""
    client = scene.stack.redis.client
    before, malformed = int(client.get(MALFORMED_COUNT) or 0), no_messages()
    for element in malformed + wrong_messages():
        client.lpush(QUEUE, element)
    wait_until(lambda: client.llen(QUEUE) == 0, SOON, "the nonsense taken")
    wait_until(
        lambda: int(client.get(MALFORMED_COUNT) or 0) == before + len(malformed), SOON, "set aside and counted"
    )
    wait_until(lambda: scene.stack.supervisor.idle, SOON, "every worker alive")
    scene.wait_until_calling(*WORKERS)


def wrong_messages() -> list[bytes]:
    """Return messages of an unknown task, or with wrong arguments."""
    whole = _envelope()
    unknown = {**whole, "headers": {**whole["headers"], "task": "no.such.task"}}
    return _encoded([unknown, *({**whole, "body": _body([args, {}, {}])} for args in _WRONG_ARGUMENTS)])


def no_messages() -> list[bytes]:
    """Return elements of a queue that are not messages, of all kinds."""
    whole = _envelope()
    texts = ["", "not JSON", "[]", "null", "1", '"x"', "{}", "\x00\xff", json.dumps(whole)[:100]]
    envelopes = [
        {**whole, "body": "***"},
        {**whole, "body": 7},
        {**whole, "body": _body([])},
        {**whole, "body": _body({"a": 1})},
        {**whole, "body": _body("x")},
        {**whole, "content-type": "application/x-python-serialize"},
        {**whole, "content-encoding": "no-such-encoding"},
        {**whole, "headers": {}},
        {**whole, "headers": None},
        {**whole, "headers": {**whole["headers"], "eta": "tomorrow"}},
        {**whole, "headers": {**whole["headers"], "expires": "never"}},
        {**whole, "properties": {}},
        {**whole, "properties": None},
        {**whole, "properties": {**whole["properties"], "delivery_info": None}},
        {**whole, "body": _body([{}, {}, {}])},
        {**whole, "body": _body([1, {}, {}])},
        *({name: whole[name] for name in whole if name != left_out} for left_out in whole),
    ]
    return [text.encode("latin-1") for text in texts] + _encoded(envelopes)


def _encoded(envelopes: Sequence[object]) -> list[bytes]:
    return [json.dumps(envelope).encode() for envelope in envelopes]


def _envelope() -> dict[str, Any]:
    """Return a message as Celery writes it, with an unknown id."""
    return {
        "body": _body([[["nobody"]], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": DELIVER, "id": "chaos", "root_id": "chaos", "retries": 0},
        "properties": {
            "correlation_id": "chaos",
            "delivery_mode": 2,
            "delivery_info": {"exchange": QUEUE, "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": "chaos",
        },
    }


def _body(content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


FAULTS = [
    Fault("queue-deleted", "The queue is deleted with what waits in it.", delete, broker=Broker.REDIS),
    Fault("messages-doubled", "Each message comes three times.", double, broker=Broker.REDIS),
    Fault("messages-malformed", "Nonsense stands among the messages.", spoil, broker=Broker.REDIS),
]
