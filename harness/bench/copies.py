"""Copies of stored keys, so that a full store is ready within a minute, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence

import redis

from webhooks_local.fleet import wait_until

_AT_ONCE = 1_000
_CALM_SECONDS = 300.0


class UnknownFormError(Exception):
    """No key contains the name to copy: the storage format has changed."""


def copy_keys(client: redis.Redis, name: str, new_names: Sequence[str]) -> None:
    """Copy each key whose name contains `name`, for each new name; a copy expires with the original.

    Raises:
        UnknownFormError: there is no such key.
    """
    keys = [key.decode() for key in client.scan_iter(f"*{name}*", count=10_000)]
    if not keys:
        raise UnknownFormError(name)
    # PTTL returns -1 for a key that does not expire, RESTORE wants 0.
    originals = [(key, max(0, client.pttl(key)), client.dump(key)) for key in keys]
    for start in range(0, len(new_names), _AT_ONCE):
        with client.pipeline(transaction=False) as pipeline:
            for new_name in new_names[start : start + _AT_ONCE]:
                for key, lifetime, dump in originals:
                    pipeline.restore(key.replace(name, new_name), lifetime, dump or b"")
            pipeline.execute()


def used_bytes(client: redis.Redis) -> int:
    """Return the memory that the server has allocated."""
    return int(client.info("memory")["used_memory"])


def wait_until_calm(client: redis.Redis) -> None:
    """Wait until the server is not rewriting its append-only file.

    Raises:
        TimeoutError: it still does so after minutes.
    """
    wait_until(lambda: _is_calm(client), _CALM_SECONDS, "done with the append-only file")


def _is_calm(client: redis.Redis) -> bool:
    state = client.info("persistence")
    return not (state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"])
