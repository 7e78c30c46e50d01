"""Commands against the real API whose other tests use a scripted service."""

from __future__ import annotations

import json

import pytest

from cli.conftest import CommandLine
from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.http.call import Outcome

URL = "https://hooks.example/social"


@pytest.fixture
def exhausted(webhooks: CommandLine, customer: str, store: Store) -> str:
    """The hookId of a delivery that has failed for good."""
    webhooks("register", "social", URL)
    hook_id = store.owed(customer)
    store.end(hook_id, State.EXHAUSTED, Outcome(503, None, 12, body=b"closed today"))
    return hook_id


def test_a_delivery_is_listed_and_shown(webhooks: CommandLine, exhausted: str) -> None:
    (listed,) = json.loads(webhooks("deliveries", "list", "--state", "exhausted", "--json").stdout)["deliveries"]
    assert (listed["hookId"], listed["lastStatus"]) == (exhausted, 503)
    assert exhausted in webhooks("deliveries", "list").stdout
    shown = webhooks("deliveries", "show", exhausted).stdout
    assert "exhausted" in shown
    assert "closed today" in shown


def test_a_delivery_is_sent_again_once(webhooks: CommandLine, exhausted: str, store: Store) -> None:
    resent = webhooks("deliveries", "resend", exhausted)
    assert (resent.exit_code, resent.stdout.splitlines()[-1].split()) == (0, [exhausted, "queued"])
    assert store.delivery(exhausted).state is State.QUEUED
    again = webhooks("deliveries", "resend", exhausted)
    assert (again.exit_code, "(409)" in again.stderr) == (1, True)


@pytest.mark.usefixtures("exhausted")
def test_a_recovery_is_started_and_watched(webhooks: CommandLine) -> None:
    started = json.loads(webhooks("recover", "--since", "1h", "--no-wait", "--json").stdout)
    watched = json.loads(webhooks("recover", "--watch", started["id"], "--no-wait", "--json").stdout)
    assert started == watched
    assert (started["state"], started["total"], started["percent"]) == ("running", None, 0)


def test_a_recovery_of_queued_deliveries_is_refused(webhooks: CommandLine, exhausted: str) -> None:
    refused = webhooks("recover", "--since", "1h", "--state", "queued")
    assert (refused.exit_code, "state: Must be one of" in refused.stderr) == (1, True)
    assert exhausted


@pytest.mark.usefixtures("customer")
def test_a_test_event_is_sent(webhooks: CommandLine, store: Store) -> None:
    webhooks("register", "social", URL)
    hook_id = json.loads(webhooks("test", "social", "--json").stdout)["hookId"]
    assert json.loads(store.record_of(hook_id).payload)["test"] is True
