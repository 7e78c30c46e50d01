"""The delivery log in Redis: a line of JSON for each attempt."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt
from webhooks.http.call import Detail, Failure, Outcome, Phases
from webhooks.store.connection import milliseconds, moment

#: Longer answers, in bytes, are stored compressed; for shorter ones it does not pay.
COMPRESSED_FROM = 200

_NO_PHASES = Phases()


class _Line(Struct, frozen=True, omit_defaults=True):
    """An attempt as it is written. The answer's body is in `body` if it is short text, otherwise in `packed`."""

    attempt: int
    at: int
    retry: bool
    status: int | None
    error: Failure | None
    ms: int
    phases: tuple[int | None, ...] = ()
    url: str | None = None
    detail: Detail | None = None
    body: str | None = None
    packed: str | None = None


def written_line(attempt: Attempt) -> str:
    """Return the line for an attempt. claim.lua writes one too, for an attempt that was interrupted."""
    outcome = attempt.outcome
    body, packed = _written_body(outcome.body)
    line = _Line(
        attempt=attempt.number,
        at=milliseconds(attempt.at),
        retry=attempt.retry,
        status=outcome.status,
        error=outcome.failure,
        ms=outcome.milliseconds,
        phases=() if outcome.phases == _NO_PHASES else astuple(outcome.phases),
        url=attempt.url,
        detail=outcome.detail,
        body=body,
        packed=packed,
    )
    return msgspec.json.encode(line).decode()


def line_of(entry: Entry) -> str:
    """Return the log line of an entry; empty if no call was made."""
    return "" if entry.attempt is None else written_line(entry.attempt)


def lines_of(log: str) -> list[str]:
    """Return the lines of a log. Only line feeds end them; a line may contain other line ends of Unicode."""
    return [line for line in log.split("\n") if line]


def read_attempts(log: Sequence[str]) -> tuple[Attempt, ...]:
    """Return the attempts of a log."""
    return tuple(read_line(line) for line in log)


def read_line(line: str) -> Attempt:
    """Return the attempt of a log line."""
    read = msgspec.json.decode(line, type=_Line)
    outcome = Outcome(
        status=read.status,
        failure=read.error,
        milliseconds=read.ms,
        detail=read.detail,
        body=_read_body(read),
        phases=Phases(*read.phases),
    )
    return Attempt(read.attempt, moment(read.at), read.retry, outcome, read.url)


def _written_body(body: bytes) -> tuple[str | None, str | None]:
    """Return `body` and `packed` of a line; at least one is None, as a line must be text."""
    if not body:
        return None, None
    if len(body) <= COMPRESSED_FROM:
        with suppress(UnicodeDecodeError):
            return body.decode(), None
    return None, b64encode(zlib.compress(body)).decode()


def _read_body(read: _Line) -> bytes:
    if read.packed is not None:
        return zlib.decompress(b64decode(read.packed))
    return (read.body or "").encode()
