"""The lines of the delivery log in Redis: one JSON object for each attempt."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode

import msgspec

from webhooks.deliveries import Attempt, Detail, Failure, Outcome, Phases
from webhooks.store.connection import milliseconds, moment

#: An answer that is longer than this, in bytes, is stored compressed: from here on it pays.
COMPRESSED_FROM = 200

_NO_PHASES = Phases()


def written_line(attempt: Attempt) -> str:
    """Return the line for an attempt. claim.lua writes one too, for an attempt that was interrupted."""
    outcome = attempt.outcome
    line: dict[str, object] = {
        "attempt": attempt.number,
        "at": milliseconds(attempt.at),
        "retry": attempt.retry,
        "status": outcome.status,
        "error": outcome.failure,
        "ms": outcome.milliseconds,
    }
    if (phases := outcome.phases) != _NO_PHASES:
        line["phases"] = [phases.dns, phases.connect, phases.tls, phases.first_byte]
    if attempt.url is not None:
        line["url"] = attempt.url
    if outcome.detail is not None:
        line["detail"] = outcome.detail
    if outcome.body:
        line.update(_written_body(outcome.body))
    return msgspec.json.encode(line).decode()


def lines_of(log: str) -> list[str]:
    """Return the lines of a log: each ends with a line feed, and may hold what else Unicode has to end a line."""
    return [line for line in log.split("\n") if line]


def read_line(line: str) -> Attempt:
    """Return the attempt that a line tells of."""
    read = msgspec.json.decode(line)
    outcome = Outcome(
        status=read["status"],
        failure=None if read["error"] is None else Failure(read["error"]),
        milliseconds=read["ms"],
        detail=Detail(read["detail"]) if "detail" in read else None,
        body=_read_body(read),
        phases=Phases(*read.get("phases", ())),
    )
    return Attempt(read["attempt"], moment(read["at"]), read["retry"], outcome, read.get("url"))


def _written_body(body: bytes) -> dict[str, str]:
    """Return the field for an answer: `body` if it is short text, else `packed`, as a line is text."""
    if len(body) <= COMPRESSED_FROM:
        try:
            return {"body": body.decode()}
        except UnicodeDecodeError:
            pass
    return {"packed": b64encode(zlib.compress(body)).decode()}


def _read_body(read: dict[str, str]) -> bytes:
    if "packed" in read:
        return zlib.decompress(b64decode(read["packed"]))
    return read.get("body", "").encode()
