"""The worker: one Celery task, which posts an event, with retries 5 s and 30 s after failures."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import requests
from celery import Celery, Task
from requests.adapters import HTTPAdapter

from harness.bench.baseline.names import know_names
from harness.bench.baseline.signing import signed_headers
from harness.bench.baseline.webhooks import read_webhooks

DELIVER = "deliver"
#: The timeout of an exchange in seconds.
TIMEOUT = 10
#: Seconds from a failed attempt to the next.
DELAYS = (5, 30)
#: The number of hosts whose connections are kept, more than there are; the default is 10. All threads share them,
#: so few connections are opened twice.
_HOSTS, _CONNECTIONS = 2048, 64

app = Celery("baseline", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_pool_limit=64,  # one connection for each thread of the API
    worker_enable_remote_control=False,
)

_webhooks = read_webhooks()
_adapter = HTTPAdapter(pool_connections=_HOSTS, pool_maxsize=_CONNECTIONS)
_local = threading.local()
know_names()


@app.task(bind=True, name=DELIVER, max_retries=len(DELAYS))
def deliver(self: Task[[str, dict[str, Any]], None], hook_id: str, event: dict[str, Any]) -> None:
    """Post an event to its webhook."""
    webhook = _webhooks[event["refId"]]
    attempt = (self.request.retries or 0) + 1
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {"hookId": hook_id, "title": "Bench", "url": webhook.url, "created": created, "code": 200}
    body = json.dumps({**event, **fields, "retry": attempt > 1}, separators=(",", ":")).encode()
    headers = signed_headers(hook_id, attempt, body, webhook.secret.encode(), int(time.time()))
    try:
        answer = _session().post(webhook.url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
    except requests.RequestException as error:
        if attempt > len(DELAYS):
            raise
        raise self.retry(exc=error, countdown=DELAYS[attempt - 1]) from error


def _session() -> requests.Session:
    """Return the session of this thread."""
    if not hasattr(_local, "session"):
        session = requests.Session()
        session.trust_env = False  # looking for proxies in the environment takes time at each call
        session.verify = os.environ["WEBHOOKS_CA_BUNDLE"]
        session.mount("https://", _adapter)
        _local.session = session
    kept: requests.Session = _local.session
    return kept
