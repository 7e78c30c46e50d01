"""Sealed secrets in Redis, as a whole: each stands with its profile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from redis.client import NEVER_DECODE

from webhooks.resealing import Replacement
from webhooks.store.connection import Client, Script

#: Keys of Redis that are looked at in one step, deliveries among them; it takes well below a millisecond.
PAGE = 1_000

_PROFILE = "profile:"
_AS_BYTES: Mapping[str, Any] = {NEVER_DECODE: True}


class RedisSecrets:
    """The sealed secrets of all profiles."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._reseal = Script(redis, "reseal")

    def page_count(self) -> int:
        """Return roughly how many pages there are now."""
        return -(-int(self._redis.dbsize()) // PAGE)

    def pages(self) -> Iterator[Mapping[str, str]]:
        """Give all sealed secrets by refId, each once, page by page; many a page is empty."""
        seen: set[str] = set()  # a scan may come by a key twice
        cursor = None
        while cursor != 0:
            cursor, keys = self._redis.scan(cursor or 0, match=f"{_PROFILE}*", count=PAGE, _type="hash")
            ref_ids = {key.removeprefix(_PROFILE) for key in keys} - seen
            seen |= ref_ids
            yield self.of(ref_ids)

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the sealed secrets of those of these profiles that have one now.

        What is no text, as somebody has changed it, is given as well as it can be: no key opens it.
        """
        ref_ids = list(ref_ids)
        with self._redis.pipeline(transaction=False) as pipeline:
            for ref_id in ref_ids:
                pipeline.execute_command("HGET", f"{_PROFILE}{ref_id}", "secret", **_AS_BYTES)
            sealed = pipeline.execute()
        return {
            ref_id: one.decode(errors="replace")
            for ref_id, one in zip(ref_ids, sealed, strict=True)
            if one is not None
        }

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Store each that takes the place of what is still there; False for one that has been changed."""
        values = (value for one in replacements for value in (one.ref_id, one.before, one.after))
        return [answer == 1 for answer in self._reseal(*values)]
