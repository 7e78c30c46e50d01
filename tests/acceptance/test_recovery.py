"""A recovery of thousands of deliveries, whose worker is killed half way and started again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from doubles import REFUSED
from running import HUNG, Customer, Running, wait_until
from stores import new_delivery
from webhooks.deliveries.claim import Entry, new_token
from webhooks.deliveries.delivery import Attempt, State
from webhooks.store.connection import connect
from webhooks.store.ledger import RedisLedger
from webhooks_local.certificates import Certificates
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.receiver import Receiver

pytestmark = pytest.mark.alone

COUNT = 3_000
PATH = "/ok/recovered"


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis", "password") as server:
        yield server


def exhausted(redis_url: str, ref_id: str, count: int) -> set[str]:
    """Exhaust this many deliveries of a profile, as after an outage of its receiver."""
    with connect(redis_url) as redis:
        ledger = RedisLedger(redis, timedelta(days=180))
        receipts = ledger.accept([new_delivery(ref_id) for _ in range(count)])
        hook_ids = [str(receipt.hook_id) for receipt in receipts]
        claims = ledger.claim(hook_ids, 15, new_token()).claims
        entries = [Entry(one, State.EXHAUSTED, Attempt(1, one.began, one.retry, REFUSED)) for one in claims]
        assert all(recorded.written for recorded in ledger.record(entries))
    return set(hook_ids)


def listed(customer: Customer, state: str) -> set[str]:
    """Return the hookIds of all deliveries in this state, page by page."""
    path = f"/api/hook/deliveries?limit=100&state={state}"
    found, cursor = set(), ""
    while cursor is not None:
        page = customer.call("GET", path + (cursor and f"&cursor={cursor}"))
        found |= {shown["hookId"] for shown in page["deliveries"]}
        cursor = page["cursor"]
    return found


def test_a_recovery_interrupted_by_a_kill_finishes_and_misses_nothing(
    own_redis: EmbeddedRedis, certificates: Certificates, receiver: Receiver, tmp_path: Path
) -> None:
    """Each of 3,000 is delivered in one more attempt, except those whose call was interrupted by the kill."""
    with Running(own_redis.url, certificates.authority, tmp_path, WEBHOOKS_TIMEOUT="5") as running:
        customer = Customer(running)
        ref_id = customer.profile("Away for a while", social=receiver.url(PATH))
        hook_ids = set().union(*(exhausted(own_redis.url, ref_id, COUNT // 10) for _ in range(10)))
        recovery = customer.call("POST", "/api/hook/recover", {"since": "2026-01-01T00:00:00Z"})

        def progress() -> dict[str, Any]:
            return customer.call("GET", f"/api/hook/recover/{recovery['id']}")

        wait_until(lambda: progress()["done"] > COUNT * 0.4, HUNG, "half way")
        running.fleet.kill("worker")
        killed = progress()
        assert (killed["state"], killed["total"]) == ("running", COUNT)
        assert 0 < killed["done"] < COUNT
        assert 0 <= killed["percent"] < 100

        running.start("worker")

        wait_until(lambda: progress()["state"] == "finished", HUNG, "finished")
        assert progress() == recovery | {"state": "finished", "total": COUNT, "done": COUNT, "percent": 100}
        receiver.wait_for(PATH, COUNT, HUNG)
        wait_until(lambda: listed(customer, "delivered") == hook_ids, HUNG, "delivered")
        calls = Counter(call.json["hookId"] for call in receiver.calls(PATH))
        assert set(calls) == hook_ids
        for hook_id in (hook_id for hook_id, count in calls.items() if count > 1):
            errors = [attempt["error"] for attempt in customer.delivery(hook_id)["attempts"]]
            assert "interrupted" in errors
