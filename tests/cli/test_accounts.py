"""`webhooks accounts`, against the API."""

from __future__ import annotations

import json
import re
import stat

import pytest

from cli.conftest import CommandLine
from doubles import ADMIN_KEY

CREATE = ("accounts", "create", "--title", "Acme", "--email", "ops@acme.example")


def beside_make_run(webhooks: CommandLine) -> None:
    """Leave the operator's key to be found where `make run` keeps it."""
    del webhooks.environment["WEBHOOKS_ADMIN_KEY"]
    webhooks.file("var/keys.env", f"WEBHOOKS_ADMIN_KEY={ADMIN_KEY}\n")


def test_a_new_account_is_shown_with_its_key(webhooks: CommandLine) -> None:
    result = webhooks(*CREATE, "--plan", "business", "--add-on", "messaging", "--alt-email", "a@b.example")
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if " " in line)
    assert result.exit_code == 0
    assert (shown["title"], shown["plan"], shown["addOns"]) == ("Acme", "business", "messaging")
    assert shown["altEmails"] == "a@b.example"
    assert webhooks("list", WEBHOOKS_API_KEY=shown["apiKey"]).exit_code == 0
    assert result.stderr == "The API key is not shown again.\n"


def test_it_is_shown_again_without_its_key(webhooks: CommandLine) -> None:
    made = json.loads(webhooks(*CREATE, "--json").stdout)
    shown = json.loads(webhooks("accounts", "show", made["refId"], "--json").stdout)
    assert {**shown, "apiKey": made["apiKey"]} == made


def test_what_is_left_out_of_a_change_stays(webhooks: CommandLine, customer: str) -> None:
    result = webhooks("accounts", "update", customer, "--plan", "free", "--json")
    changed = json.loads(result.stdout)
    assert (changed["plan"], changed["addOns"], changed["email"]) == ("free", ["messaging"], "ops@acme.example")


def test_a_list_is_replaced_or_emptied(webhooks: CommandLine, customer: str) -> None:
    webhooks("accounts", "update", customer, "--alt-email", "a@b.example", "--alt-email", "c@d.example")
    result = webhooks("accounts", "update", customer, "--no-add-ons", "--json")
    changed = json.loads(result.stdout)
    assert (changed["addOns"], changed["altEmails"]) == ([], ["a@b.example", "c@d.example"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Error: There is nothing to change."),
        (["--add-on", "messaging", "--no-add-ons"], "Error: --add-on and its opposite exclude each other."),
    ],
)
def test_a_change_that_says_nothing_or_too_much_is_a_mistake(
    webhooks: CommandLine, options: list[str], message: str
) -> None:
    result = webhooks("accounts", "update", "f00", *options)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, message)


def test_bad_input_is_told_in_one_line_with_its_fields(webhooks: CommandLine) -> None:
    result = webhooks(*CREATE[:-1], "nobody", "--plan", "gold")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: email: Not a valid email address. ")
    assert "plan: Must be one of: free, premium, launch, business, enterprise." in result.stderr
    assert result.stderr.endswith(" (400)\n")
    assert result.stderr.count("\n") == 1


def test_an_account_that_is_not_there_is_not_looked_for_elsewhere(webhooks: CommandLine) -> None:
    """What is typed stays one segment of the path."""
    result = webhooks("accounts", "show", "../../hook/webhook")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "(404)" in result.stderr


def test_beside_make_run_nothing_has_to_be_set(webhooks: CommandLine) -> None:
    """The operator's key is that of `make run`; the customer's is kept beside it, for nobody else to read."""
    beside_make_run(webhooks)
    result = webhooks(*CREATE, "--json")
    assert result.stderr == "The API key is kept in var/customer.env.\n"
    kept = webhooks.directory / "var/customer.env"
    assert kept.read_text() == f"WEBHOOKS_API_KEY={json.loads(result.stdout)['apiKey']}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert webhooks("list").exit_code == 0


def test_the_key_of_another_ringbacks_customer_is_not_kept(webhooks: CommandLine) -> None:
    webhooks.file("var/keys.env", "WEBHOOKS_ADMIN_KEY=another\n")
    assert webhooks(*CREATE).stderr == "The API key is not shown again.\n"
    assert not (webhooks.directory / "var/customer.env").exists()


def test_a_key_is_replaced_by_another_and_stays_valid_for_a_while(webhooks: CommandLine, customer: str) -> None:
    result = webhooks("accounts", "replace-key", customer)
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert (result.exit_code, result.stderr) == (0, "The API key is not shown again.\n")
    assert (shown["refId"], set(shown)) == (customer, {"refId", "apiKey", "oldKeyValidUntil"})
    assert webhooks("list").exit_code == 0
    assert webhooks("list", WEBHOOKS_API_KEY=shown["apiKey"]).exit_code == 0


def test_while_two_are_valid_they_can_only_be_ended(webhooks: CommandLine, customer: str) -> None:
    webhooks("accounts", "replace-key", customer)
    refused = webhooks("accounts", "replace-key", customer)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert re.fullmatch("Error: The key before this one is valid until .*graceSeconds 0.*409.*\n", refused.stderr)
    assert webhooks("accounts", "replace-key", customer, "--grace-seconds", "0").exit_code == 0
    assert "(401)" in webhooks("list").stderr


def test_beside_make_run_the_new_key_is_kept_in_decode_cursor_the_old(webhooks: CommandLine) -> None:
    beside_make_run(webhooks)
    ref_id = json.loads(webhooks(*CREATE, "--json").stdout)["refId"]
    result = webhooks("accounts", "replace-key", ref_id, "--grace-seconds", "0", "--json")
    assert result.stderr == "The API key is kept in var/customer.env.\n"
    kept = webhooks.directory / "var/customer.env"
    assert kept.read_text() == f"WEBHOOKS_API_KEY={json.loads(result.stdout)['apiKey']}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert webhooks("list").exit_code == 0


def test_a_replacement_that_is_refused_leaves_what_is_kept(webhooks: CommandLine) -> None:
    beside_make_run(webhooks)
    webhooks(*CREATE)
    kept = webhooks.directory / "var/customer.env"
    before = kept.read_text()
    refused = webhooks("accounts", "replace-key", "f00")
    assert (refused.exit_code, refused.stderr) == (1, "Error: No account has this refId. (404)\n")
    assert kept.read_text() == before


@pytest.mark.usefixtures("customer")
def test_a_profile_key_that_is_lost_is_replaced(webhooks: CommandLine) -> None:
    profile = json.loads(webhooks("profiles", "create", "Bakery", "--json").stdout)
    result = webhooks("accounts", "replace-profile-key", profile["refId"], "--grace-seconds", "0", "--json")
    replaced = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "The Profile-Key is not shown again.\n")
    assert (replaced["refId"], replaced["title"]) == (profile["refId"], "Bakery")
    keys = (profile["profileKey"], replaced["profileKey"])
    assert [webhooks("list", WEBHOOKS_PROFILE_KEY=key).exit_code for key in keys] == [1, 0]


def test_a_grace_that_is_too_long_is_refused(webhooks: CommandLine, customer: str) -> None:
    refused = webhooks("accounts", "replace-key", customer, "--grace-seconds", str(31 * 24 * 3600))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "graceSeconds: Must be greater than or equal to 0" in refused.stderr
