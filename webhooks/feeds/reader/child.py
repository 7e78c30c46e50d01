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

#: Seconds of processor time. A feed of the maximum length takes about one, or a few on a slow machine.
CPU_SECONDS = 5
#: Bytes of memory. A feed of the maximum length takes a third of it.
MEMORY = 256 * 2**20


def main() -> None:
    """Read and print; after any error, the exit code is not 0."""
    _limit()
    print("reading", flush=True)  # `webhooks.feeds.reader` expects it
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    known = json.loads(head)
    print(json.dumps(_answer(body, known["contentType"], known["url"])))


def _answer(body: bytes, content_type: str, url: str) -> dict[str, Any]:
    try:
        return asdict(document_of(body, content_type, url))
    except FeedError as error:
        return {"error": error.word}


def _limit() -> None:
    """Limit time and memory of this process, also in case the worker dies that would have ended it."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
