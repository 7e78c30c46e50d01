"""Everything that the pages refer to exists, such as a test that is said to guarantee an invariant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md"))
TESTS = "".join(file.read_text() for file in ROOT.glob("tests/**/*.py"))

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_every_link_to_a_file_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@every_page
def test_every_test_in_the_docs_exists(page: Path) -> None:
    text = page.read_text()
    assert [path for path in re.findall(r"`(tests/[\w/.]+)`", text) if not (ROOT / path).exists()] == []
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in TESTS] == []


@every_page
def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: Path) -> None:
    """An extra cell is not shown, and a missing one leaves a gap."""
    tables = re.findall(r"(?:^\|.*\n)+", page.read_text(), re.MULTILINE)
    rows = [(row, _cells(row) - _cells(table.splitlines()[0])) for table in tables for row in table.splitlines()]
    assert [row for row, difference in rows if difference] == []


def _cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row)) - 1
