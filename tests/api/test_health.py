"""`/healthz` and `/readyz`, for load balancers and orchestrators (contract section 6)."""

from __future__ import annotations

import socket

from api.conftest import Api, error
from config.settings import Settings
from doubles import RecordedIds
from webhooks.store.connection import Client, connect
from webhooks.store.workers import RedisWorkers
from webhooks_api.app import create_app


def test_a_running_process_is_healthy_even_without_redis(settings: Settings) -> None:
    answer = Api(create_app(settings, publish_ids=RecordedIds())).call("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "success"})


def test_the_api_is_ready_when_a_worker_was_seen(api: Api, fake_redis: Client) -> None:
    answer = api.call("GET", "/readyz")
    assert (answer.status, answer.json) == (503, error("readyz", 503, "No worker was seen lately."))

    RedisWorkers(fake_redis).sign_of_life()
    answer = api.call("GET", "/readyz")
    assert (answer.status, answer.json) == (200, {"status": "success"})


def test_the_api_is_not_ready_without_redis(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as redis:
        answer = Api(create_app(settings, redis, RecordedIds())).call("GET", "/readyz")
    assert (answer.status, answer.json) == (503, error("readyz", 503, "Redis cannot be reached or written to."))
