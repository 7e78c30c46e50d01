"""The API: `POST /events` checks an event and publishes a task for it."""

from __future__ import annotations

import hmac
import os
import secrets
from typing import Any

from flask import Flask, request

from harness.bench.baseline.schema import SocialEvent
from harness.bench.baseline.tasks import DELIVER
from harness.bench.baseline.tasks import app as celery
from harness.bench.baseline.webhooks import read_webhooks

app = Flask(__name__)
_schema = SocialEvent()
_webhooks = read_webhooks()
_key = f"Bearer {os.environ['WEBHOOKS_PRODUCER_KEYS']}".encode()


@app.post("/events")
def accept() -> tuple[dict[str, Any], int]:
    """Accept one event; 202 when its task is published."""
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), _key):
        return {"status": "error", "message": "Unknown key."}, 401
    event = request.get_json()
    if errors := _schema.validate(event):
        return {"status": "error", "errors": errors}, 400
    if event["refId"] not in _webhooks:
        return {"status": "error", "message": "Unknown refId."}, 404
    hook_id = secrets.token_hex(10)
    celery.send_task(DELIVER, args=[hook_id, event])
    return {"status": "success", "hookId": hook_id}, 202


@app.get("/readyz")
def ready() -> dict[str, str]:
    """Report that the API is ready."""
    return {"status": "ready"}
