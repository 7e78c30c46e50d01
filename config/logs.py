"""Logs: one JSON object a line on standard output, for every process."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(**_: object) -> None:
    """Send structlog's events, and the warnings of libraries, to standard output as JSON.

    It takes and ignores what Celery's signal passes.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
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
    # The project's own events; those of libraries only from a warning on.
    for name in ("webhooks", "webhooks_api", "webhooks_worker", "config"):
        logging.getLogger(name).setLevel(logging.INFO)
