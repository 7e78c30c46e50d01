"""What lies in the packages: no file that nobody uses, none that is too long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from samples import SAMPLES
from webhooks.actions import CATALOGUE
from webhooks.actions.samples import OF_ACTION
from webhooks.errors import RingbackError
from webhooks_api.errors import STATUS_AND_CODE

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "config", ROOT / "messaging", *sorted(ROOT.glob("webhooks*")), ROOT / "client/webhooks_client"]
LONGEST = 250


def test_no_file_is_longer_than_can_be_overlooked() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for package in PACKAGES
        for ending in ("py", "lua")
        for file in package.rglob(f"*.{ending}")
    }
    assert len(lengths) > 50
    assert {file: length for file, length in lengths.items() if length >= LONGEST} == {}


def test_every_script_is_used_and_every_used_one_is_there() -> None:
    scripts = ROOT / "webhooks/store/lua"
    stored = {str(file.relative_to(scripts).with_suffix("")) for file in scripts.rglob("*.lua")}
    sources = "".join(file.read_text() for file in (ROOT / "webhooks/store").glob("*.py"))
    run = set(re.findall(r'Script\(redis, "([\w/]+)"', sources))
    texts = "".join(file.read_text() for file in scripts.rglob("*.lua"))
    shared = {
        f"shared/{part}"
        for uses in re.findall(r"^-- uses: (.*)$", texts, re.MULTILINE)
        for part in uses.split(", ")
    }
    assert run | shared == stored


@pytest.mark.parametrize("action", CATALOGUE)
def test_every_kind_of_event_has_a_sample(action: str) -> None:
    """Tests, the demo and the docs are made of them."""
    samples = [event for event in SAMPLES.values() if event["action"] == action]
    assert samples
    used = {type(CATALOGUE[action].schema_for(event)) for event in samples}
    assert used == {type(schema) for schema in CATALOGUE[action].schemas.values()}


def test_every_action_has_a_sample_that_stands_for_it() -> None:
    """Customers have it sent, to see whether it arrives."""
    assert {action: SAMPLES[name]["action"] for action, name in OF_ACTION.items()} == {
        action: action for action in CATALOGUE
    }


def test_a_sample_is_called_by_its_action() -> None:
    assert {name: event["action"] for name, event in SAMPLES.items()} == {
        name: name.split("-")[0] for name in SAMPLES
    }


def test_every_error_has_a_status_and_a_code() -> None:
    """One that had none would be answered 500."""
    assert set(STATUS_AND_CODE) == set(RingbackError.__subclasses__())
    assert all(error.__doc__ for error in STATUS_AND_CODE)


def test_every_section_of_the_contract_that_code_names_is_there() -> None:
    sources = "".join(file.read_text() for package in PACKAGES for file in package.rglob("*.py"))
    named = set(re.findall(r"contract section (\d)", sources))
    there = set(re.findall(r"^## (\d)\. ", (ROOT / "docs/contract.md").read_text(), re.MULTILINE))
    assert named
    assert named <= there
