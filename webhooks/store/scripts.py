"""Lua scripts that run in Redis, each in one atomic step and one round trip."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from webhooks.store.connection import Client, Clock

_LUA = Path(__file__).parent / "lua"
_USES = re.compile(r"-- uses: (.*)\n")


class Script:
    """A script from `lua/`, run by its digest.

    Args:
        name: its file, without `.lua`.
        clock: milliseconds since 1970, for tests; the server's clock if None.
        records: the records that it exchanges (`webhooks.store.rows`). The script gets the names of their fields
            in `<name>_fields`.
    """

    def __init__(self, redis: Client, name: str, clock: Clock | None = None, **records: type[NamedTuple]) -> None:
        self._script = redis.register_script(source_of(name, **records))
        self._clock = clock

    def __call__(self, *values: object, client: Client | None = None) -> list[Any]:
        """Run the script with the time and these values; numbers are passed as text.

        Args:
            client: the connection to use; the script's own client if None.
        """
        time = "" if self._clock is None else self._clock()
        answer: list[Any] = self._script(args=[time, *values], client=client)
        return answer


def source_of(name: str, **records: Any) -> str:
    """Return the source of a script, preceded by the field names of its records and the shared parts that it uses.

    The first line of a script or a shared part names the parts of `lua/shared/` that it uses: `-- uses: clock,
    lanes`.
    """
    fields = "".join(
        f"local {record}_fields = {{{', '.join(repr(field) for field in row._fields)}}}\n"
        for record, row in records.items()
    )
    parts: dict[str, str] = {}
    _add(name, parts)
    return fields + "\n".join(parts.values())


def _add(name: str, parts: dict[str, str]) -> None:
    """Add a file to the parts, after the parts that it uses."""
    source = (_LUA / f"{name}.lua").read_text()
    if uses := _USES.match(source):
        for part in uses[1].split(", "):
            if f"shared/{part}" not in parts:
                _add(f"shared/{part}", parts)
    parts[name] = source
