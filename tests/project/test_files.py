"""The files of the packages: none is unused, and none is too long."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from samples import SAMPLES
from webhooks.actions import CATALOGUE
from webhooks.actions.samples import OF_ACTION
from webhooks.errors import RingbackError
from webhooks.store.rows import ClaimRow, DeferralRow, DeliveryRow, EntryRow, LeaseRow, NewRow
from webhooks_api.errors import STATUS_AND_CODE

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "config", ROOT / "messaging", *sorted(ROOT.glob("webhooks*")), ROOT / "client/webhooks_client"]
MAX_LINES, MAX_TEST_LINES, MAX_TEST_NAME = 250, 300, 80


def test_no_file_is_too_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for package in PACKAGES
        for ending in ("py", "lua")
        for file in package.rglob(f"*.{ending}")
    }
    assert len(lengths) > 50
    assert {file: length for file, length in lengths.items() if length >= MAX_LINES} == {}


def test_no_test_file_is_too_long_and_no_test_name_either() -> None:
    files = list((ROOT / "tests").rglob("*.py"))
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    names = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}
    assert len(names) > 1_000
    assert {file: length for file, length in lengths.items() if length > MAX_TEST_LINES} == {}
    assert {name for name in names if len(name) > MAX_TEST_NAME} == set()


def test_pages_for_newcomers_are_short() -> None:
    lines = {name: len((ROOT / name).read_text().splitlines()) for name in ("README.md", "ARCHITECTURE.md")}
    assert lines["README.md"] <= 120
    assert lines["ARCHITECTURE.md"] <= 130
    words = {note.name: len(note.read_text().split()) for note in (ROOT / "docs/decisions").glob("*.md")}
    assert words
    assert {note: count for note, count in words.items() if not 150 <= count <= 300} == {}


ROWS: dict[str, Any] = {
    "new": NewRow,
    "claim": ClaimRow,
    "entry": EntryRow,
    "lease": LeaseRow,
    "deferral": DeferralRow,
    "delivery": DeliveryRow,
}
SCRIPTS = {
    "new": "deliveries/accept",
    "claim": "deliveries/claim",
    "entry": "deliveries/record",
    "lease": "deliveries/release",
    "deferral": "deliveries/defer",
    "delivery": "redelivery/redeliver",
}


@pytest.mark.parametrize("record", SCRIPTS)
def test_a_script_uses_exactly_the_fields_of_its_record(record: str) -> None:
    """Python passes the values in the order of the fields; a script finds them by name."""
    fields = set(ROWS[record]._fields)
    source = (ROOT / "webhooks/store/lua" / f"{SCRIPTS[record]}.lua").read_text()
    assert f"{record}_fields" in source
    if record == "claim":  # set by the script itself, or read from the delivery's hash under the same name
        stored = re.search(r"stored_fields = \{(.*?)\}", source, re.DOTALL)
        assert stored is not None
        written = {
            name
            for left in re.findall(r"^\s+(delivery\.[\w., ]+?) = ", source, re.MULTILINE)
            for name in re.findall(r"\.(\w+)", left)
        }
        assert fields <= written | set(re.findall(r"'(\w+)'", stored[1]))
    else:
        assert set(re.findall(rf"\b{record}\.(\w+)", source)) == fields


def test_every_script_is_used_and_exists() -> None:
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
    """Tests, the demo and the docs use the samples."""
    samples = [event for event in SAMPLES.values() if event["action"] == action]
    assert samples
    used = {type(CATALOGUE[action].schema_for(event)) for event in samples}
    assert used == {type(schema) for schema in CATALOGUE[action].schemas.values()}


def test_every_action_has_a_representative_sample() -> None:
    """Customers can have it sent to test their webhook."""
    assert {action: SAMPLES[name]["action"] for action, name in OF_ACTION.items()} == {
        action: action for action in CATALOGUE
    }


def test_a_sample_has_the_name_of_its_action() -> None:
    assert {name: event["action"] for name, event in SAMPLES.items()} == {
        name: name.split("-")[0] for name in SAMPLES
    }


def test_every_error_has_a_status_and_a_code() -> None:
    """An error without a status would be answered 500."""
    assert set(STATUS_AND_CODE) == set(RingbackError.__subclasses__())
    assert all(error.__doc__ for error in STATUS_AND_CODE)


def test_every_section_of_the_contract_in_the_code_exists() -> None:
    sources = "".join(file.read_text() for package in PACKAGES for file in package.rglob("*.py"))
    named = set(re.findall(r"contract section (\d)", sources))
    there = set(re.findall(r"^## (\d)\. ", (ROOT / "docs/contract.md").read_text(), re.MULTILINE))
    assert named
    assert named <= there
