"""`webhooks profiles`, against the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import Result

from cli.conftest import CommandLine

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"

pytestmark = pytest.mark.usefixtures("customer")


def create(webhooks: CommandLine, title: str = "Zoë's shop") -> dict[str, Any]:
    return dict(json.loads(webhooks("profiles", "create", title, "--json").stdout))


def test_a_new_profile_is_shown_with_its_key(webhooks: CommandLine) -> None:
    result = webhooks("profiles", "create", "Zoë's shop")
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert (result.exit_code, result.stderr) == (0, "The Profile-Key is not shown again.\n")
    assert shown["title"] == "Zoë's shop"
    listed = json.loads(webhooks("list", "--json", WEBHOOKS_PROFILE_KEY=shown["profileKey"]).stdout)
    assert listed == []


def test_profiles_are_listed(webhooks: CommandLine) -> None:
    first, second = create(webhooks), create(webhooks, "Bakery")
    lines = webhooks("profiles", "list").stdout.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [
        ["refId", "title"],
        [first["refId"], "Zoë's shop"],
        [second["refId"], "Bakery"],
    ]
    listed = json.loads(webhooks("profiles", "list", "--json").stdout)
    shown = [{"refId": one["refId"], "title": one["title"]} for one in listed]
    assert shown == [{"refId": one["refId"], "title": one["title"]} for one in (first, second)]


def test_a_profile_is_deleted_after_confirmation(webhooks: CommandLine) -> None:
    profile = create(webhooks)
    webhooks.environment["WEBHOOKS_PROFILE_KEY"] = profile["profileKey"]
    refused = webhooks("profiles", "delete", stdin="n\n")
    assert refused.exit_code == 1
    assert f"Remove the profile {profile['refId']} with its webhooks and its secret? [y/N]" in refused.stderr
    assert webhooks("list").exit_code == 0
    assert webhooks("profiles", "delete", stdin="y\n").exit_code == 0
    assert "(403)" in webhooks("list").stderr


def test_delete_with_yes_asks_for_no_confirmation(webhooks: CommandLine) -> None:
    profile = create(webhooks)
    result = webhooks("profiles", "delete", "--yes", "--profile-key", profile["profileKey"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(webhooks("profiles", "list", "--json").stdout) == []


def assert_profile_key_is_missing(result: Result) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    message = "The Profile-Key is missing: set WEBHOOKS_PROFILE_KEY, or give --profile-key."
    assert result.stderr.splitlines()[-1] == f"Error: {message}"


@pytest.mark.parametrize("options", [[], ["--yes"]])
def test_delete_without_a_profile_key_fails_before_the_confirmation(
    webhooks: CommandLine, options: list[str]
) -> None:
    result = webhooks("profiles", "delete", *options, stdin="y\n")
    assert_profile_key_is_missing(result)
    assert "Remove the profile" not in result.output


def test_a_replaced_key_stays_valid_during_the_overlap(webhooks: CommandLine) -> None:
    old = create(webhooks)["profileKey"]
    result = webhooks("profiles", "replace-key", WEBHOOKS_PROFILE_KEY=old)
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert (result.exit_code, result.stderr) == (0, "The Profile-Key is not shown again.\n")
    assert re.fullmatch(TIME, shown["oldKeyValidUntil"])
    assert [webhooks("list", WEBHOOKS_PROFILE_KEY=key).exit_code for key in (old, shown["profileKey"])] == [0, 0]


def test_a_replaced_key_ends_at_once_with_an_overlap_of_0(webhooks: CommandLine) -> None:
    old = create(webhooks)["profileKey"]
    replaced = webhooks("profiles", "replace-key", "--grace-seconds", "0", "--json", "--profile-key", old)
    new = json.loads(replaced.stdout)["profileKey"]
    assert [webhooks("list", WEBHOOKS_PROFILE_KEY=key).exit_code for key in (old, new)] == [1, 0]


def test_only_the_newest_key_can_be_replaced(webhooks: CommandLine) -> None:
    old = create(webhooks)["profileKey"]
    webhooks("profiles", "replace-key", "--profile-key", old)
    refused = webhooks("profiles", "replace-key", "--profile-key", old)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "Error: This key has been replaced already. (409)\n"


def test_replace_key_needs_a_profile_key(webhooks: CommandLine) -> None:
    """The key of an account is replaced by the operator."""
    assert_profile_key_is_missing(webhooks("profiles", "replace-key"))
