"""`python -m webhooks.feeds.reader.child`: read a feed from standard input, print its items as JSON, and end."""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from webhooks.feeds.feed import FeedError
from webhooks.feeds.reader.document import document_of

#: Seconds of computing. A feed as long as may be takes about one of them, and with a slow machine a few.
CPU_SECONDS = 5
#: Bytes of memory. Such a feed takes a third of them.
MEMORY = 256 * 2**20


def main() -> None:
    """Read and print; whatever goes wrong, the exit code is not 0."""
    _limit()
    print("reading", flush=True)  # webhooks.feeds.reader waits for it
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    known = json.loads(head)
    print(json.dumps(_answer(body, known["contentType"], known["url"])))


def _answer(body: bytes, content_type: str, url: str) -> dict[str, Any]:
    try:
        return asdict(document_of(body, content_type, url))
    except FeedError as error:
        return {"error": error.word}


def _limit() -> None:
    """Take no more than a feed may cost, also if the worker that would have ended this is gone."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
