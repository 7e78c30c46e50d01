"""Every setting is read in one place, and stands in the README's table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.settings import DEFAULTS

ROOT = Path(__file__).parents[2]
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE))
READ = set(re.findall(r'(?:required|optional)\("(\w+)"', (ROOT / "config/settings.py").read_text()))


def test_every_setting_has_a_row_and_every_row_is_a_setting() -> None:
    assert READ
    assert set(ROWS) == READ


@pytest.mark.parametrize("name", sorted(READ))
def test_a_row_tells_the_default_or_that_there_is_none(name: str) -> None:
    default = DEFAULTS.get(name)
    expected = "*required*" if default is None else f"`{default}`" if default else "none"
    assert ROWS[name].startswith(expected)


@pytest.mark.parametrize(
    "package", ["webhooks", "webhooks_api", "webhooks_worker", "webhooks_cli", "webhooks_client"]
)
def test_no_other_module_reads_the_environment(package: str) -> None:
    readers = [
        file.name
        for file in (ROOT / package).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", file.read_text())
    ]
    assert readers == []


def test_in_config_only_the_settings_read_the_environment() -> None:
    readers = {file.name for file in (ROOT / "config").glob("*.py") if "os.environ" in file.read_text()}
    assert readers == {"settings.py"}
