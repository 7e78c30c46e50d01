"""The demo's table of deliveries, updated on a terminal and printed once elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from webhooks_local.demo.scene import Sent

Delivery = Mapping[str, Any]
"""A delivery as `GET /api/hook/deliveries/<hookId>` returns it."""

ENDED = frozenset({"delivered", "exhausted", "canceled", "notEntitled"})
_COLOURS = {
    "delivered": "green",
    "retrying": "yellow",
    "exhausted": "red",
    "canceled": "red",
    "notEntitled": "red",
}
# The rate limit of a profile is 300 calls in 5 minutes.
_POLL_SECONDS = 0.5


def watch(
    sent: Sequence[Sent], look_up: Callable[[Sent], Delivery], deadline_seconds: float
) -> dict[str, Delivery]:
    """Show the deliveries until all have ended, and return them by hookId.

    Args:
        sent: the events.
        look_up: returns the delivery of an event.
        deadline_seconds: how long to wait; deliveries that have not ended by then are returned as they are.

    Raises:
        DemoFailedError: `look_up` failed.
    """
    deadline = time.monotonic() + deadline_seconds
    deliveries = {one.hook_id: look_up(one) for one in sent}
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
        console.print(f"Sent {len(sent)} events; the table comes when all deliveries have ended.")
    with Live(console=console, auto_refresh=False) if console.is_terminal else nullcontext() as live:
        while True:
            if live is not None:
                live.update(table(sent, deliveries, datetime.now(UTC)), refresh=True)
            unfinished = [one for one in sent if deliveries[one.hook_id]["state"] not in ENDED]
            if not unfinished or time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
            deliveries |= {one.hook_id: look_up(one) for one in unfinished}
    if not console.is_terminal:
        console.print(table(sent, deliveries, datetime.now(UTC)))
    return deliveries


def table(sent: Sequence[Sent], deliveries: Mapping[str, Delivery], now: datetime) -> Table:
    """Return the table at the time `now`: a row for each delivery, with all its attempts."""
    result = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    for heading in ("hookId", "action", "profile", "attempt", "status", "ms", "next due", "state"):
        # In 80 columns the attempts of a delivery are wrapped, and no other column is.
        result.add_column(heading, min_width=6, no_wrap=heading not in {"status", "ms"})
    for one in sent:
        delivery = deliveries[one.hook_id]
        attempts = delivery["attempts"]
        state = str(delivery["state"])
        result.add_row(
            one.hook_id,
            str(one.event["action"]),
            one.profile.title,
            str(len(attempts) or ""),
            ", ".join(str(attempt["status"] or attempt["error"]) for attempt in attempts),
            ", ".join(str(attempt["ms"]) for attempt in attempts),
            _until(delivery["due"], now) if state not in ENDED else "",
            Text(state, style=_COLOURS.get(state, "")),
        )
    return result


def _until(due: str | None, now: datetime) -> str:
    if due is None:
        return ""
    seconds = (datetime.fromisoformat(due) - now).total_seconds()
    return f"in {seconds:.0f} s" if seconds > 0 else "now"
