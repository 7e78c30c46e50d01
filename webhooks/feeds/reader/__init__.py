"""Reading feeds, each in a separate process.

A hostile feed can make its reader take very long, use much memory, or crash. The process has narrow limits of time
and memory, no settings in its environment, and ends with its feed, so it affects neither deliveries nor other
feeds.
"""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from webhooks.errors import OutOfResources
from webhooks.feeds.feed import FeedDocument, FeedError, Item
from webhooks.http.shortages import shortage_of
from webhooks.runtime.cores import on_any_core

#: Seconds after which a read is given up. The process gets less processor time than that, at a low priority.
DEADLINE = 20.0
#: The error of a feed that crashes its reader.
UNREADABLE = "unreadable"
#: The line that the reader prints before it reads the feed. If it ends before that, the feed is not the reason.
BEGINS = b"reading\n"

#: The errno of too many processes.
_TOO_MANY = (errno.EAGAIN,)
COMMAND = [sys.executable, "-I", "-m", "webhooks.feeds.reader.child"]


def read_feed(
    body: bytes,
    content_type: str,
    url: str,
    on_shortage: Callable[[str], None] = lambda _: None,
    *,
    command: Sequence[str] = COMMAND,
    deadline: float = DEADLINE,
) -> FeedDocument:
    """Return the contents of a feed.

    Args:
        content_type: the header that came with it; it may state the encoding.
        url: where it was found; links of its items are resolved against it.
        on_shortage: called with the name of the missing resource.
        command: the process that reads it.
        deadline: seconds that the process may take.

    Raises:
        FeedError: it is not a feed, has too many items, or cannot be read within the limits.
        OutOfResources: no process can be started to read it.
    """
    head = json.dumps({"contentType": content_type, "url": url}).encode()
    try:
        # In a new session, so that it gets no signal that is sent to the worker's process group.
        with on_any_core():
            child = subprocess.run(  # noqa: S603  a fixed command
                command,
                input=head + b"\n" + body,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                timeout=deadline,
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
    return _document(json.loads(child.stdout.removeprefix(BEGINS)))


def _failure(printed: bytes, on_shortage: Callable[[str], None]) -> FeedError | OutOfResources:
    """Return why a reader ended without an answer, judging by what it has printed."""
    if printed.startswith(BEGINS):
        return FeedError(UNREADABLE)
    on_shortage("reader")
    return OutOfResources()


def _document(answer: dict[str, Any]) -> FeedDocument:
    if "error" in answer:
        raise FeedError(answer["error"])
    items = (Item(**item | {"aliases": tuple(item["aliases"])}) for item in answer["items"])
    return FeedDocument(answer["title"], tuple(items), answer["is_whole"], answer["link"])
