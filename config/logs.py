"""Logs: one JSON object a line on standard output, for every process.

An event about many things is logged in one call, `log.info("…", each=[{…}, {…}])`, which writes a line for each:
separate calls would take longer than most of the work that they report.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import structlog


def configure_logs(**_: object) -> None:
    """Send structlog's events, and the warnings of libraries, to standard output as JSON.

    It ignores the arguments of Celery's signal.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    # Written without Python's logging, which costs more than all the rest of an event.
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_lines)],
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def _lines(event: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    """Return a log event as a line of JSON; with `each`, a line for each of them."""
    each = event.pop("each", None) or [{}]
    return b"\n".join(_as_json(one | event, default) for one in each)


def _as_json(event: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    try:
        return msgspec.json.encode(event, enc_hook=default)
    except UnicodeEncodeError:  # a lone surrogate is escaped
        return json.dumps(event, default=default).encode()
