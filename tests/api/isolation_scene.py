"""Two accounts with deliveries and feeds, and who may read which of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import pytest

from api.conftest import Answer, Api, Customer
from stores import Store
from webhooks.store.connection import Client

DELIVERIES = "/api/hook/deliveries"


FEED = "/api/feed"


#: Whose deliveries a list shows to each caller: an API key alone reads all of its account.
VISIBLE = {
    "Acme": {"Acme", "Acme's shop", "Acme's café"},
    "Acme's shop": {"Acme's shop"},
    "Acme's café": {"Acme's café"},
    "Bolt": {"Bolt", "Bolt's shop", "Bolt's café"},
    "Bolt's shop": {"Bolt's shop"},
    "Bolt's café": {"Bolt's café"},
}


CALLERS = list(VISIBLE)


#: The keys, each with its milliseconds to live, 0 if it does not expire, and its value as dumped by Redis.
Stored: TypeAlias = Sequence[tuple[bytes, int, bytes]]


every_caller = pytest.mark.parametrize("name", CALLERS)


class Scene:
    """All callers by name, and the ids of their deliveries and feeds."""

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
        """Return the owners of all deliveries and feeds that an answer mentions anywhere."""
        found = {name for one, name in self._whose.items() if one in answer.text}
        return found | {name for name, caller in self.callers.items() if caller.ref_id in answer.text}

    def foreign(self, name: str) -> set[str]:
        """Return the callers of other accounts."""
        return {other for other in CALLERS if other[:4] != name[:4]}

    def pages(self, name: str, query: str) -> Iterator[Answer]:
        """Yield all pages of a list."""
        answer = self.callers[name].call("GET", f"{DELIVERIES}?{query}")
        yield answer
        while (answer.json or {}).get("cursor"):
            answer = self.callers[name].call("GET", f"{DELIVERIES}?{query}&cursor={answer.json['cursor']}")
            yield answer
