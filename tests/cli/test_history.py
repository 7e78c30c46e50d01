"""`webhooks history`, against the API."""

from __future__ import annotations

import json

import pytest

from cli.conftest import CommandLine
from stores import Store

URL = "https://hooks.example/"


@pytest.fixture
def sent(webhooks: CommandLine, customer: str, store: Store) -> dict[str, list[str]]:
    """The hookIds of the deliveries by action, the newest first; the oldest one had a second attempt."""
    for action in ("social", "batch"):
        webhooks("register", action, URL)
    interrupted = store.owed(customer)
    store.claims([interrupted], lease=0.001)
    store.clock.advance(60)
    store.end(interrupted)
    store.clock.advance(60)
    later = store.ended(customer)
    return {"social": [later, interrupted], "batch": [store.ended(customer, action="batch")]}


def test_the_history_is_sorted_by_action_newest_first(webhooks: CommandLine, sent: dict[str, list[str]]) -> None:
    later, repeated = sent["social"]
    assert [line.split() for line in webhooks("history").stdout.splitlines()] == [
        ["when", "action", "hookId", "retry"],
        ["2026-01-05T10:02:00Z", "social", later, "no"],
        ["2026-01-05T10:01:00Z", "social", repeated, "yes"],
        ["2026-01-05T10:02:00Z", "batch", *sent["batch"], "no"],
    ]


def test_the_history_can_be_limited_to_one_action(webhooks: CommandLine, sent: dict[str, list[str]]) -> None:
    shown = webhooks("history", "batch").stdout.splitlines()[1:]
    assert [line.split()[2] for line in shown] == sent["batch"]


def test_the_limit_applies_to_each_action(webhooks: CommandLine, sent: dict[str, list[str]]) -> None:
    shown = json.loads(webhooks("history", "--limit", "1", "--json").stdout)
    assert {action: [payload["hookId"] for payload in payloads] for action, payloads in shown.items()} == {
        "batch": sent["batch"],
        "social": sent["social"][:1],
    }


def test_the_history_as_json_has_the_payloads(webhooks: CommandLine, sent: dict[str, list[str]]) -> None:
    payload = json.loads(webhooks("history", "social", "--json").stdout)["social"][1]
    assert (payload["hookId"], payload["retry"]) == (sent["social"][1], True)
    assert (payload["url"], payload["title"], payload["code"]) == (URL, "Acme", 200)


@pytest.mark.usefixtures("customer")
def test_an_empty_history_has_headings_only(webhooks: CommandLine) -> None:
    shown = webhooks("history")
    assert (shown.exit_code, shown.stdout.split()) == (0, ["when", "action", "hookId", "retry"])


@pytest.mark.usefixtures("customer")
def test_an_unknown_action_is_refused(webhooks: CommandLine) -> None:
    refused = webhooks("history", "weather")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "action: Must be one of: scheduled, social" in refused.stderr
