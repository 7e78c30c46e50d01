"""`webhooks register`, `list`, `unregister` and `test`."""

from __future__ import annotations

import json
import re

import pytest

from cli.conftest import CommandLine
from config.settings import Settings
from scripted_service import REF_ID, Answer, ScriptedService
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client

URL = "https://hooks.example/social"


def test_a_webhook_is_registered_and_listed(webhooks: CommandLine, customer: str) -> None:
    registered = webhooks("register", "social", URL)
    assert registered.stdout.splitlines() == ["action  social", f"url     {URL}", f"refId   {customer}"]
    headings, row = webhooks("list").stdout.splitlines()
    assert headings.split() == ["action", "url", "updated"]
    assert re.fullmatch(rf"social  {URL}  \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row)


@pytest.mark.usefixtures("customer")
def test_webhooks_are_listed_as_json_objects(webhooks: CommandLine) -> None:
    for action in ("social", "batch"):
        webhooks("register", action, URL)
    listed = json.loads(webhooks("list", "--json").stdout)
    assert [(one["action"], one["url"]) for one in listed] == [("batch", URL), ("social", URL)]
    assert all(set(one) == {"action", "url", "updated"} for one in listed)


@pytest.mark.usefixtures("customer")
def test_an_unregistered_webhook_is_removed(webhooks: CommandLine) -> None:
    webhooks("register", "social", URL)
    assert webhooks("unregister", "social").exit_code == 0
    assert json.loads(webhooks("list", "--json").stdout) == []
    again = webhooks("unregister", "social")
    assert (again.exit_code, again.stderr) == (1, "Error: No webhook is registered for this action. (404)\n")


def test_register_reads_the_secret_from_a_file(
    webhooks: CommandLine, customer: str, fake_redis: Client, settings: Settings
) -> None:
    file = webhooks.file("secret", "correct-horse-battery\n")
    result = webhooks("register", "social", URL, "--secret-file", file)
    sealed = fake_redis.hget(f"profile:{customer}", "secret")
    assert SecretBox(settings.secret_keys).open(customer, sealed) == "correct-horse-battery"
    assert "horse" not in result.output


@pytest.mark.usefixtures("customer")
def test_a_refused_url_is_reported_with_its_field(webhooks: CommandLine) -> None:
    result = webhooks("register", "social", "http://hooks.example/")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"Error: url: .+ \(400\)\n", result.stderr)


def test_test_sends_a_sample_event(scripted: CommandLine, service: ScriptedService) -> None:
    answer = {"status": "success", "hookId": "aB3d", "action": "social", "refId": REF_ID, "state": "queued"}
    service.script.append(Answer(202, answer))
    result = scripted("test", "social")
    assert result.stdout.splitlines()[0] == "hookId  aB3d"
    (call,) = service.calls
    assert (call.method, call.path, call.json) == ("POST", "/api/hook/webhook/test", {"action": "social"})


def test_a_refusal_by_the_plan_names_the_plans_that_include_it(webhooks: CommandLine, customer: str) -> None:
    webhooks("accounts", "update", customer, "--plan", "free")
    result = webhooks("register", "social", URL)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: The account's plan does not include this. These do: premium, launch, business, enterprise. (403)\n"
    )


def test_a_refusal_names_the_missing_add_on(webhooks: CommandLine, customer: str) -> None:
    webhooks("accounts", "update", customer, "--no-add-ons")
    result = webhooks("register", "messages", URL)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: This needs the messaging add-on, which the account does not have. (403)\n"
