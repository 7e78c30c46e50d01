"""Signs of life of the workers."""

from __future__ import annotations

from webhooks.store.connection import Client
from webhooks.store.workers import RedisWorkers


def test_no_worker_is_seen_before_its_first_sign_of_life(redis: Client) -> None:
    workers = RedisWorkers(redis)
    assert workers.seen_lately() is False
    workers.sign_of_life()
    assert workers.seen_lately() is True


def test_a_sign_of_life_counts_for_fifteen_seconds(redis: Client) -> None:
    """Workers give one every two seconds; after this long without one, no worker runs."""
    RedisWorkers(redis).sign_of_life()
    key = "worker:seen"
    assert 14 <= redis.ttl(key) <= 15
