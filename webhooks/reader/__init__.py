"""Reading feeds, each in a process of its own.

Whoever writes a feed can make its reading take long, take much memory, or fail in any way. That process has little
of both, no settings in its environment, and ends with its feed; so deliveries do not notice, nor do other feeds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from webhooks.cores import on_any_core
from webhooks.feeds import Edition, FeedTrouble, Item

#: Seconds after which reading is given up. The process has less computing time than that, and gives way to others.
DEADLINE = 20.0
#: The word for a feed that ends its reader.
UNREADABLE = "unreadable"

_COMMAND = [sys.executable, "-I", "-m", "webhooks.reader.child"]


def read_edition(body: bytes, content_type: str, url: str) -> Edition:
    """Return what is in a feed.

    Args:
        content_type: the header that came with it; it may tell the encoding.
        url: where it was found; the links to its items are resolved by it.

    Raises:
        FeedTrouble: it is no feed, has too many items, or cannot be read within the limits.
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
    except subprocess.TimeoutExpired:
        raise FeedTrouble(UNREADABLE) from None
    if child.returncode != 0:
        raise FeedTrouble(UNREADABLE)
    return _edition(json.loads(child.stdout))


def _edition(answer: dict[str, Any]) -> Edition:
    if "trouble" in answer:
        raise FeedTrouble(answer["trouble"])
    return Edition(answer["title"], tuple(Item(**item) for item in answer["items"]))
