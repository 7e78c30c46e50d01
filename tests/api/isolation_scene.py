"""Two accounts with deliveries and feeds, and who may see which of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import pytest

from api.conftest import Answer, Api, Customer
from stores import Store
from webhooks.store.connection import Client

DELIVERIES = "/api/hook/deliveries"


FEED = "/api/feed"


#: Whose deliveries a caller's list shows: an API key alone sees all of its account.
VISIBLE = {
    "Acme": {"Acme", "Acme's shop", "Acme's café"},
    "Acme's shop": {"Acme's shop"},
    "Acme's café": {"Acme's café"},
    "Bolt": {"Bolt", "Bolt's shop", "Bolt's café"},
    "Bolt's shop": {"Bolt's shop"},
    "Bolt's café": {"Bolt's café"},
}


CALLERS = list(VISIBLE)


#: Keys with their milliseconds to live, 0 for those that do not expire, and their values as Redis dumps them.
Stored: TypeAlias = Sequence[tuple[bytes, int, bytes]]


every_caller = pytest.mark.parametrize("name", CALLERS)


class Scene:
    """All callers by name, and the ids of what is theirs."""

    def __init__(self, api: Api, redis: Client) -> None:
        self.redis = redis
        self.store = Store(redis)
        self.callers: dict[str, Customer] = {}
        for account in ("Acme", "Bolt"):
            primary = self.callers[account] = api.open_account(title=account)
            primary.register("social", "https://hooks.example/")
            for profile in ("shop", "café"):
                self.callers[f"{account}'s {profile}"] = primary.add_profile(profile)
        self.ended = {name: self.store.ended(caller.ref_id) for name, caller in self.callers.items()}
        self.owed = {name: self.store.owed(caller.ref_id) for name, caller in self.callers.items()}
        self.feeds = {name: self.store.subscribe(caller.ref_id).feed_id for name, caller in self.callers.items()}
        self._whose = {one: name for ids in (self.ended, self.owed, self.feeds) for name, one in ids.items()}

    def whose(self, answer: Answer) -> set[str]:
        """Return whose deliveries or feeds an answer tells anything of, whatever it looks like."""
        found = {name for one, name in self._whose.items() if one in answer.text}
        return found | {name for name, caller in self.callers.items() if caller.ref_id in answer.text}

    def foreign(self, name: str) -> set[str]:
        """Return who is of another account."""
        return {other for other in CALLERS if other[:4] != name[:4]}

    def pages(self, name: str, query: str) -> Iterator[Answer]:
        """Give all pages of a list."""
        answer = self.callers[name].call("GET", f"{DELIVERIES}?{query}")
        yield answer
        while (answer.json or {}).get("cursor"):
            answer = self.callers[name].call("GET", f"{DELIVERIES}?{query}&cursor={answer.json['cursor']}")
            yield answer
