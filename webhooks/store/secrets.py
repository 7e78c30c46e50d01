"""All sealed secrets in Redis, for resealing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from webhooks.signing.reseal import Replacement, Sealed
from webhooks.store.connection import AS_BYTES, Client
from webhooks.store.scripts import Script

#: Keys of any kind that one SCAN reads; it takes well below a millisecond.
PAGE = 1_000

_PROFILE = "profile:"
_OLD_SECRET = "oldSecret:"  # noqa: S105  the prefix of a Redis key


class RedisSecrets:
    """The sealed secrets of all profiles."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._reseal = Script(redis, "registration/reseal")

    def page_count(self) -> int:
        """Return the approximate number of pages."""
        return -(-int(self._redis.dbsize()) // PAGE)

    def pages(self) -> Iterator[Mapping[str, Sealed]]:
        """Yield all sealed secrets by refId, each once, page by page; some pages are empty."""
        seen: set[str] = set()  # SCAN may return a key twice
        cursor = None
        while cursor != 0:
            cursor, keys = self._redis.scan(cursor or 0, match=f"{_PROFILE}*", count=PAGE, _type="hash")
            ref_ids = {key.removeprefix(_PROFILE) for key in keys} - seen
            seen |= ref_ids
            yield self.of(ref_ids)

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, Sealed]:
        """Return the sealed secrets of these profiles, without the profiles that have none.

        A value that is not text, because it was edited by hand, is returned too: no key opens it.
        """
        ref_ids = list(ref_ids)
        with self._redis.pipeline(transaction=False) as pipeline:
            for ref_id in ref_ids:
                pipeline.execute_command("HGET", f"{_PROFILE}{ref_id}", "secret", **AS_BYTES)
                pipeline.execute_command("GET", f"{_OLD_SECRET}{ref_id}", **AS_BYTES)
            found = pipeline.execute()
        pairs = zip(ref_ids, found[::2], found[1::2], strict=True)
        return {ref_id: _texts(current, old) for ref_id, current, old in pairs if current is not None}

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Store each replacement whose original is still stored; returns False for the others."""
        values: list[str | bytes] = []
        for one in replacements:
            values += (one.ref_id, *_current_and_old(one.before), *_current_and_old(one.after))
        return [answer == 1 for answer in self._reseal(*values)]


def as_text(sealed: bytes) -> str:
    """Return a sealed secret as text, even a damaged one: `as_stored` restores it exactly."""
    return sealed.decode(errors="surrogateescape")


def as_stored(sealed: str) -> bytes:
    """Return a sealed secret as it is stored."""
    return sealed.encode(errors="surrogateescape")


def _texts(*sealed: bytes | None) -> Sealed:
    return tuple(as_text(one) for one in sealed if one is not None)


def _current_and_old(sealed: Sealed) -> tuple[bytes, bytes]:
    current, *old = map(as_stored, sealed)
    return current, b"".join(old)
