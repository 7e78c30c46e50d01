"""Too few open files: the API logs a warning when it starts, and serves fewer callers at a time."""

from __future__ import annotations

import structlog

from webhooks.runtime.open_files import allow_many_open_files
from webhooks_api.server.capacity import api_capacity_within

log = structlog.get_logger()


def warn_of_few_open_files() -> None:
    """Log the limit of open files if it is lower than a process can use."""
    open_files = allow_many_open_files()
    capacity = api_capacity_within(open_files)
    if not capacity.is_full:
        log.warning(
            "api.few_open_files",
            open_files=open_files,
            threads=capacity.threads,
            connections=capacity.connections,
        )
