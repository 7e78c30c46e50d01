"""Keys and secrets are in no output of the processes, and in Redis only encrypted or hashed."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from running import ADMIN_KEY, PRODUCER_KEY, Customer, Running
from samples import SAMPLES
from webhooks.deliveries.claim import TOKEN_LENGTH
from webhooks.store.ended import unpacked
from webhooks_local.certificates import Certificates
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.receiver import Receiver, verify

SECRET = "canary-secret-of-the-primary"
PROFILE_SECRET = f"whsec_{base64.b64encode(b'canary-secret-of-a-profile').decode()}"
WRONG_KEY = "canary-wrong-key"
PASSWORD = "canary-redis-password"
PATH = "/fail/1/secrecy"
PROCESSES = ("web", "worker", "beat")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis", PASSWORD) as server:
        yield server


def test_keys_and_secrets_are_in_no_log_and_not_in_redis(
    own_redis: EmbeddedRedis, certificates: Certificates, tmp_path: Path, receiver: Receiver
) -> None:
    """This holds for a success, a failure, a delivery that waits for a worker, and calls with wrong keys."""
    with Running(own_redis.url, certificates.authority, tmp_path, PROCESSES) as running:
        customer = Customer(running)
        shop = customer.call("POST", "/api/profiles", {"title": "shop"})
        for secret, profile_key in ((SECRET, None), (PROFILE_SECRET, shop["profileKey"])):
            body = {"action": "social", "url": receiver.url(PATH), "secret": secret}
            assert customer.call("POST", "/api/hook/webhook", body, profile_key)["status"] == "success"
        canaries = [SECRET, PROFILE_SECRET, "canary-secret-of-a-profile", WRONG_KEY, PASSWORD]
        canaries += [customer.key, shop["profileKey"], ADMIN_KEY, PRODUCER_KEY]

        failed = running.send({**SAMPLES["social-link"], "refId": customer.ref_id})
        customer.wait_for_state(failed, "retrying", 5)
        call_without_right(running)
        assert running.stop("worker", deadline=15) == 0
        waiting = running.send({**SAMPLES["social-link"], "refId": shop["refId"]})

        in_redis = everything(own_redis.url)
        assert found(canaries, in_redis) == []
        assert any(waiting in text for text in in_redis if "deliveries" in text)  # as ids, in a Celery message
        assert any("gAAAA" in text for text in in_redis)  # encrypted by Fernet

        running.start("worker")
        for hook_id in (failed, waiting):
            customer.wait_for_state(hook_id, "delivered", 15)
        calls = receiver.calls(PATH)
        assert {call.json["hookId"] for call in calls if verify(call, SECRET)} == {failed}
        assert {call.json["hookId"] for call in calls if verify(call, PROFILE_SECRET)} == {waiting}
        assert found(canaries, [f"{call.headers} {call.body.decode()}" for call in calls]) == []

    printed = {name: running.log(name) for name in PROCESSES}
    assert found(canaries, list(printed.values())) == []
    assert failed in printed["worker"]
    assert "api.unreadable" in printed["web"]


def call_without_right(running: Running) -> None:
    """Make calls with wrong API keys, and one with a key in a wrong place."""
    assert running.call("GET", "/api/hook/webhook", WRONG_KEY).status_code == 401
    assert running.call("POST", "/api/events", WRONG_KEY, {"key": WRONG_KEY}).status_code == 401
    assert running.call("POST", "/api/events", PRODUCER_KEY, {"action": PRODUCER_KEY}).status_code == 400
    assert running.call("GET", f"/api/{WRONG_KEY}?key={PRODUCER_KEY}", PRODUCER_KEY).status_code == 404
    head = f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {PRODUCER_KEY}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=120) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    assert found([PRODUCER_KEY], [answer]) == []


def everything(url: str) -> list[str]:
    """Return everything in Redis, one text for each key, with packed values unpacked."""
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return [f"{key} {content(client, key)}" for key in client.scan_iter()]


def content(client: Any, key: str) -> Any:
    read = {
        "string": lambda name: string(client, name),
        "stream": client.xrange,
        "hash": client.hgetall,
        "list": lambda name: [decoded(element) for element in client.lrange(name, 0, -1)],
        "set": client.smembers,
        "zset": lambda name: client.zrange(name, 0, -1),
    }
    return read[client.type(key)](key)


def string(client: Any, key: str) -> Any:
    """Return the text of a string; a packed ended delivery is unpacked."""
    value = client.execute_command("GET", key, NEVER_DECODE=True)
    return unpacked(value[TOKEN_LENGTH:]) if key.startswith("ended:") else value.decode()


def decoded(element: str) -> str:
    """Return an element of a queue with its body decoded, which kombu writes in base64."""
    message = json.loads(element)
    return element + (
        base64.b64decode(message["body"]).decode() if "body_encoding" in message["properties"] else ""
    )


def found(canaries: list[str], texts: list[str]) -> list[str]:
    """Return the values that one of the texts contains, plain or in base64."""
    return [
        canary
        for canary in canaries
        if any(canary in text or base64.b64encode(canary.encode()).decode() in text for text in texts)
    ]
