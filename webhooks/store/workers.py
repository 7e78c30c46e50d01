"""Signs of life of the workers in Redis."""

from __future__ import annotations

from datetime import timedelta

from webhooks.store.connection import Client

#: How long a sign of life counts; each worker gives one every two seconds.
LATELY = timedelta(seconds=15)


class RedisWorkers:
    """Records the signs of life of workers, and reports whether there is any."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    def sign_of_life(self) -> None:
        """Record a sign of life."""
        self._redis.set("worker:seen", 1, ex=LATELY)

    def seen_lately(self) -> bool:
        """Report whether a worker gave a sign of life within `LATELY`.

        Raises:
            StorageUnavailable: Redis does not answer, or cannot be written to.
        """
        with self._redis.pipeline() as transaction:
            transaction.set("worker:sought", 1, ex=LATELY)
            transaction.exists("worker:seen")
            _, seen = transaction.execute()
        return bool(seen)
