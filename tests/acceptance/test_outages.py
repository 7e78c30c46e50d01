"""An unreachable Redis is an error at once, and a worker that stops loses nothing."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import requests

from running import HUNG, PRODUCER_KEY, Customer, Running, wait_until
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver

#: The long deliveries of the retry tests run meanwhile, as both mostly wait.
pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("chains")]


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis", "password") as server:
        yield server


def _bodies(client: redis.Redis, queue: str) -> list[str]:
    return [json.loads(message)["body"] for message in client.lrange(queue, 0, -1)]


@contextmanager
def _frozen(server: EmbeddedRedis) -> Iterator[None]:
    """A Redis that accepts connections and never answers, which is worse than one that is gone."""
    pid = int(redis.Redis.from_url(server.url).info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_an_unreachable_redis_is_answered_503_within_three_seconds(
    own_redis: EmbeddedRedis, certificates: Certificates, tmp_path: Path
) -> None:
    """No call hangs or gets a false 202, and the API works again as soon as Redis is back."""
    with Running(own_redis.url, certificates.authority, tmp_path, ("web",)) as running:
        customer = Customer(running)
        body = {"action": "social", "url": "https://example.com/hook"}
        customer.call("POST", "/api/hook/webhook", body)
        event = {**SAMPLES["social-link"], "refId": customer.ref_id}
        assert running.send(event)

        with _frozen(own_redis):
            for callers in (1, 100):
                with Machine() as machine, ThreadPoolExecutor(callers) as pool:
                    answers = list(pool.map(lambda _: _timed(running, event), range(callers)))
                assert max(seconds for seconds, _ in answers) < 3 + machine.slack
                for _, answer in answers:
                    assert (answer.status_code, answer.json()["status"]) == (503, "error")
                    assert int(answer.headers["Retry-After"]) > 0
            assert running.call("GET", "/readyz", "").status_code == 503
            assert running.call("GET", "/healthz", "").status_code == 200

        wait_until(lambda: _accepted(running, event), HUNG, "accepting again")


def test_a_worker_that_must_stop_finishes_its_calls(
    own_redis: EmbeddedRedis, certificates: Certificates, tmp_path: Path, receiver: Receiver
) -> None:
    """After SIGTERM during a call, the attempt is recorded, and waiting messages go back to their queue."""
    client = redis.Redis.from_url(own_redis.url)
    with Running(own_redis.url, certificates.authority, tmp_path, WEBHOOKS_TIMEOUT="4") as running:
        customer = Customer(running)
        slow = customer.profile("slow", social=receiver.url("/hang/stopped"))
        failing = customer.profile("failing", social=receiver.url("/fail/1/stopped"))
        slow_id = running.send({**SAMPLES["social-link"], "refId": slow})
        failing_id = running.send({**SAMPLES["social-link"], "refId": failing})
        receiver.wait_for("/hang/stopped", 1, deadline_seconds=HUNG)
        customer.wait_for_state(failing_id, "retrying", HUNG)

        assert running.stop_in_time("worker") == 0

        (attempt,) = customer.delivery(slow_id)["attempts"]
        assert (attempt["status"], attempt["error"]) == (503, "timeout")
        assert any(failing_id.encode() in base64.b64decode(body) for body in _bodies(client, "deliveries"))
        running.start("worker")
        assert len(customer.wait_for_state(failing_id, "delivered", HUNG)["attempts"]) == 2
        assert client.get("malformed:count") is None


def test_the_sweep_publishes_a_lost_message_again(
    own_redis: EmbeddedRedis, certificates: Certificates, tmp_path: Path, receiver: Receiver
) -> None:
    """A Celery message is only a hint, as the ledger knows every owed delivery."""
    client = redis.Redis.from_url(own_redis.url)
    with Running(own_redis.url, certificates.authority, tmp_path, ("web",)) as running:
        customer = Customer(running)
        ref_id = customer.profile("lost", social=receiver.url("/ok/lost"))
        hook_id = running.send({**SAMPLES["social-link"], "refId": ref_id})
        assert client.delete("deliveries") == 1

        running.start("worker")
        running.start("beat")

        (call,) = receiver.wait_for("/ok/lost", 1, deadline_seconds=HUNG)
        assert call.json["hookId"] == hook_id
        assert len(customer.wait_for_state(hook_id, "delivered", HUNG)["attempts"]) == 1


def test_a_worker_that_cannot_start_exits(
    own_redis: EmbeddedRedis, certificates: Certificates, tmp_path: Path
) -> None:
    """Otherwise it would take its share of the messages and never make a call."""
    (tmp_path / "sitecustomize.py").write_text(
        "import webhooks_worker.worker\ndef fail(*_): raise OSError\nwebhooks_worker.worker.Resolver = fail\n"
    )
    running = Running(own_redis.url, certificates.authority, tmp_path, (), PYTHONPATH=str(tmp_path))
    running.start("worker")
    assert running.wait_for_end("worker", deadline=HUNG) == 1
    assert "worker.cannot_start" in running.log("worker")


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-5\r\n", b"4\r\n{}  broken"])
def test_a_malformed_chunk_is_bad_input(running: Running, chunk: bytes) -> None:
    """Each server has its own errors for these, and none may be answered 500."""
    head = f"POST /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {PRODUCER_KEY}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=HUNG) as connection:
        connection.sendall(head.encode() + chunk)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    status, _, body = answer.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 400 ")
    assert list(json.loads(body)["errors"]) == ["body"]


def _timed(running: Running, event: dict[str, object]) -> tuple[float, requests.Response]:
    started = time.monotonic()
    answer = running.call("POST", "/api/events", PRODUCER_KEY, event)
    return time.monotonic() - started, answer


def _accepted(running: Running, event: dict[str, object]) -> bool:
    return running.call("POST", "/api/events", PRODUCER_KEY, event).status_code == 202
