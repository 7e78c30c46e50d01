"""Reading feeds, each in a process of its own.

Whoever writes a feed can make its reading take long, take much memory, or fail in any way. That process has little
of both, no settings in its environment, and ends with its feed; so deliveries do not notice, nor do other feeds.
"""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from webhooks.errors import OutOfResources
from webhooks.feeds.feed import FeedDocument, FeedError, Item
from webhooks.http.shortages import shortage_of
from webhooks.runtime.cores import on_any_core

#: Seconds after which reading is given up. The process has less computing time than that, and gives way to others.
DEADLINE = 20.0
#: The word for a feed that ends its reader.
UNREADABLE = "unreadable"
#: What the reader prints when it begins with the feed. Whatever ends it before that is no feed's fault.
BEGINS = b"reading\n"

#: What keeps the system from starting a process, beside what it says of files and memory: there are too many.
_TOO_MANY = (errno.EAGAIN,)
_COMMAND = [sys.executable, "-I", "-m", "webhooks.feeds.reader.child"]


def read_feed(
    body: bytes, content_type: str, url: str, on_shortage: Callable[[str], None] = lambda _: None
) -> FeedDocument:
    """Return what is in a feed.

    Args:
        content_type: the header that came with it; it may tell the encoding.
        url: where it was found; the links to its items are resolved by it.
        on_shortage: called with what there is too little of to read it.

    Raises:
        FeedError: it is no feed, has too many items, or cannot be read within the limits.
        OutOfResources: no process can be had to read it.
    """
    head = json.dumps({"contentType": content_type, "url": url}).encode()
    try:
        # In a session of its own: a signal to the worker's process group is not for it.
        with on_any_core():
            child = subprocess.run(  # noqa: S603  a fixed command
                _COMMAND,
                input=head + b"\n" + body,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                timeout=DEADLINE,
                check=False,
                start_new_session=True,
            )
    except subprocess.TimeoutExpired as error:
        raise _failure(error.stdout or b"", on_shortage) from None
    except OSError as error:
        if (reason := shortage_of(error, _TOO_MANY)) is None:
            raise
        on_shortage(reason)
        raise OutOfResources from error
    if child.returncode != 0:
        raise _failure(child.stdout, on_shortage)
    return _edition(json.loads(child.stdout.removeprefix(BEGINS)))


def _failure(printed: bytes, on_shortage: Callable[[str], None]) -> FeedError | OutOfResources:
    """Return whose fault it was that a reader ended without an answer, by what it had printed."""
    if printed.startswith(BEGINS):
        return FeedError(UNREADABLE)
    on_shortage("reader")
    return OutOfResources()


def _edition(answer: dict[str, Any]) -> FeedDocument:
    if "trouble" in answer:
        raise FeedError(answer["trouble"])
    items = (Item(**item | {"aliases": tuple(item["aliases"])}) for item in answer["items"])
    return FeedDocument(answer["title"], tuple(items), answer["is_whole"], answer["link"])
