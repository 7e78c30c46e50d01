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
    """Store the operator's key where `make run` stores it, instead of in the environment."""
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


def test_a_known_account_is_shown_without_its_key(webhooks: CommandLine) -> None:
    made = json.loads(webhooks(*CREATE, "--json").stdout)
    shown = json.loads(webhooks("accounts", "show", made["refId"], "--json").stdout)
    assert {**shown, "apiKey": made["apiKey"]} == made


def test_an_update_keeps_what_is_left_out(webhooks: CommandLine, customer: str) -> None:
    result = webhooks("accounts", "update", customer, "--plan", "free", "--json")
    changed = json.loads(result.stdout)
    assert (changed["plan"], changed["addOns"], changed["email"]) == ("free", ["messaging"], "ops@acme.example")


def test_an_update_replaces_or_empties_a_list(webhooks: CommandLine, customer: str) -> None:
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
def test_an_empty_or_contradictory_update_is_refused(
    webhooks: CommandLine, options: list[str], message: str
) -> None:
    result = webhooks("accounts", "update", "f00", *options)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, message)


def test_invalid_input_is_reported_in_one_line_with_its_fields(webhooks: CommandLine) -> None:
    result = webhooks(*CREATE[:-1], "nobody", "--plan", "gold")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: email: Not a valid email address. ")
    assert "plan: Must be one of: free, premium, launch, business, enterprise." in result.stderr
    assert result.stderr.endswith(" (400)\n")
    assert result.stderr.count("\n") == 1


def test_a_refid_with_slashes_stays_one_segment_of_the_path(webhooks: CommandLine) -> None:
    """The API answers that there is no such account; no other path is called."""
    result = webhooks("accounts", "show", "../../hook/webhook")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "(404)" in result.stderr


def test_beside_make_run_no_settings_are_needed(webhooks: CommandLine) -> None:
    """The operator's key is that of `make run`; the customer's key is stored beside it, in a private file."""
    beside_make_run(webhooks)
    result = webhooks(*CREATE, "--json")
    assert result.stderr == "The API key is kept in var/customer.env.\n"
    kept = webhooks.directory / "var/customer.env"
    assert kept.read_text() == f"WEBHOOKS_API_KEY={json.loads(result.stdout)['apiKey']}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert webhooks("list").exit_code == 0


def test_the_key_from_another_ringback_is_not_stored(webhooks: CommandLine) -> None:
    webhooks.file("var/keys.env", "WEBHOOKS_ADMIN_KEY=another\n")
    assert webhooks(*CREATE).stderr == "The API key is not shown again.\n"
    assert not (webhooks.directory / "var/customer.env").exists()


def test_a_replaced_key_stays_valid_during_the_overlap(webhooks: CommandLine, customer: str) -> None:
    result = webhooks("accounts", "replace-key", customer)
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert (result.exit_code, result.stderr) == (0, "The API key is not shown again.\n")
    assert (shown["refId"], set(shown)) == (customer, {"refId", "apiKey", "oldKeyValidUntil"})
    assert webhooks("list").exit_code == 0
    assert webhooks("list", WEBHOOKS_API_KEY=shown["apiKey"]).exit_code == 0


def test_a_third_key_needs_an_overlap_of_0(webhooks: CommandLine, customer: str) -> None:
    webhooks("accounts", "replace-key", customer)
    refused = webhooks("accounts", "replace-key", customer)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert re.fullmatch("Error: The key before this one is valid until .*graceSeconds 0.*409.*\n", refused.stderr)
    assert webhooks("accounts", "replace-key", customer, "--grace-seconds", "0").exit_code == 0
    assert "(401)" in webhooks("list").stderr


def test_beside_make_run_the_new_key_replaces_the_stored_one(webhooks: CommandLine) -> None:
    beside_make_run(webhooks)
    ref_id = json.loads(webhooks(*CREATE, "--json").stdout)["refId"]
    result = webhooks("accounts", "replace-key", ref_id, "--grace-seconds", "0", "--json")
    assert result.stderr == "The API key is kept in var/customer.env.\n"
    kept = webhooks.directory / "var/customer.env"
    assert kept.read_text() == f"WEBHOOKS_API_KEY={json.loads(result.stdout)['apiKey']}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert webhooks("list").exit_code == 0


def test_a_refused_replacement_keeps_the_stored_key(webhooks: CommandLine) -> None:
    beside_make_run(webhooks)
    webhooks(*CREATE)
    kept = webhooks.directory / "var/customer.env"
    before = kept.read_text()
    refused = webhooks("accounts", "replace-key", "f00")
    assert (refused.exit_code, refused.stderr) == (1, "Error: No account has this refId. (404)\n")
    assert kept.read_text() == before


@pytest.mark.usefixtures("customer")
def test_a_lost_profile_key_is_replaced(webhooks: CommandLine) -> None:
    profile = json.loads(webhooks("profiles", "create", "Bakery", "--json").stdout)
    result = webhooks("accounts", "replace-profile-key", profile["refId"], "--grace-seconds", "0", "--json")
    replaced = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "The Profile-Key is not shown again.\n")
    assert (replaced["refId"], replaced["title"]) == (profile["refId"], "Bakery")
    keys = (profile["profileKey"], replaced["profileKey"])
    assert [webhooks("list", WEBHOOKS_PROFILE_KEY=key).exit_code for key in keys] == [1, 0]


def test_an_overlap_that_is_too_long_is_refused(webhooks: CommandLine, customer: str) -> None:
    refused = webhooks("accounts", "replace-key", customer, "--grace-seconds", str(31 * 24 * 3600))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "graceSeconds: Must be greater than or equal to 0" in refused.stderr
