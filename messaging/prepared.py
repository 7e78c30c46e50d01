"""A message that is ready but for what it carries, for Redis itself to put it into a queue's list.

It is what `send_task` and kombu would put there, but that its body is JSON in JSON, so that a script can write ids
into it; kombu's own bodies are in base64, and it reads both.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from celery import Celery
from kombu import Queue

#: Placeholders for the ids of a message, and for the first of them, which distinguishes it from other messages.
IDS, FIRST_ID = "@ids@", "@first@"


class PreparedList(NamedTuple):
    """A queue's list, and the message to put there: a `webhooks.deliveries.wakeup.CeleryList`."""

    key: str
    message: str


def prepared_list(app: Celery, task: str, queue: Queue) -> PreparedList:
    """Return where messages to a task that takes ids are put, and what they look like.

    Args:
        queue: whose consumers run the task.
    """
    headers, properties, arguments, _ = app.amqp.create_task_message(
        FIRST_ID, task, ([IDS],), {}, argsrepr="", kwargsrepr=""
    )
    message = {
        "body": json.dumps(arguments),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            **properties,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue.routing_key},
            "priority": 0,
            "delivery_tag": FIRST_ID,
        },
    }
    return PreparedList(queue.name, json.dumps(message))
