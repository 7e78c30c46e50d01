"""Copies of what the product has stored, so that a full store is there in a minute, whatever form it has."""

from __future__ import annotations

from collections.abc import Sequence

import redis

from webhooks_local.fleet import wait_until

_AT_ONCE = 1_000
_CALM_SECONDS = 300.0


class UnknownFormError(Exception):
    """What is to be copied stands in no key that has its name in its own: it is stored in another form by now."""


def copy_keys(client: redis.Redis, name: str, new_names: Sequence[str]) -> None:
    """Copy each key that has `name` in its own, for each new name; a copy lives as long as the original.

    Raises:
        UnknownFormError: there is no such key.
    """
    keys = [key.decode() for key in client.scan_iter(f"*{name}*", count=10_000)]
    if not keys:
        raise UnknownFormError(name)
    # PTTL says -1 of what lives for ever, RESTORE 0.
    originals = [(key, max(0, client.pttl(key)), client.dump(key)) for key in keys]
    for start in range(0, len(new_names), _AT_ONCE):
        with client.pipeline(transaction=False) as pipeline:
            for new_name in new_names[start : start + _AT_ONCE]:
                for key, lifetime, dump in originals:
                    pipeline.restore(key.replace(name, new_name), lifetime, dump or b"")
            pipeline.execute()


def used_bytes(client: redis.Redis) -> int:
    """Return how much memory the server has given out."""
    return int(client.info("memory")["used_memory"])


def wait_until_calm(client: redis.Redis) -> None:
    """Return when the server does not rewrite its append-only file.

    Raises:
        TimeoutError: it does so for minutes.
    """
    wait_until(lambda: _is_calm(client), _CALM_SECONDS, "done with the append-only file")


def _is_calm(client: redis.Redis) -> bool:
    state = client.info("persistence")
    return not (state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"])
