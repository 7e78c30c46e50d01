"""Samples of every kind of event, as producers send them; used by tests, the demo, the docs, and test events."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

#: The sample that represents each action.
OF_ACTION = {
    "batch": "batch-users",
    "feed": "feed-rss",
    "messages": "messages-messageCreated",
    "scheduled": "scheduled-success",
    "social": "social-link",
}


def sample(name: str) -> dict[str, Any]:
    """Return an event as a producer sends it, without its `refId`."""
    event: dict[str, Any] = json.loads((files(__name__) / f"{name}.json").read_text(encoding="utf-8"))
    return event


def names() -> list[str]:
    """Return the names of all samples; each begins with its action."""
    found = (file.name.removesuffix(".json") for file in files(__name__).iterdir() if file.name.endswith(".json"))
    return sorted(found)
