"""A template of a message, which a Lua script fills with ids and appends to a queue's list.

It is the message that `send_task` and kombu would append, except that its body is JSON in JSON instead of base64,
so that a script can write ids into it. kombu reads both.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from celery import Celery
from kombu import Queue

#: Placeholders for the ids of a message, and for the first id, which makes the message's own id unique.
IDS, FIRST_ID = "@ids@", "@first@"


class PreparedList(NamedTuple):
    """The list of a queue, and a template of its messages: a `webhooks.deliveries.wakeup.CeleryList`."""

    key: str
    message: str


def prepared_list(app: Celery, task: str, queue: Queue) -> PreparedList:
    """Return the list of a queue, and the template of messages for a task that takes ids.

    Args:
        queue: the queue whose consumers run the task.
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
