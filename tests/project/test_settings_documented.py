"""Every setting is read in one place and documented in docs/settings.md, each form of which is started once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from config import amqp_url, redis_url, smtp_url
from config.settings import DEFAULTS
from settings_matrix import ELSEWHERE, STARTS

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs/settings.md").read_text()
#: The columns with the defaults and with the values, by setting.
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", SETTINGS, re.MULTILINE))
VALUES = dict(re.findall(r"^\| `([A-Z_]+)` \| .+? \| (.+?) \|", SETTINGS, re.MULTILINE))
#: Every form of a URL in docs/running.md.
URLS = set(re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \|", (ROOT / "docs/running.md").read_text(), re.MULTILINE))
#: The contents of the column of values: schemes, which stand for those URLs, and the forms of all other settings.
CODE = {(name, form) for name, values in VALUES.items() for form in re.findall(r"`(.+?)`", values)}
SCHEMES = {(name, form) for name, form in CODE if form.endswith("://")}
FORMS = CODE - SCHEMES | URLS
OPTIONS = {
    "REDIS_URL": redis_url.OPTIONS,
    "WEBHOOKS_BROKER_URL": amqp_url.OPTIONS,
    "SMTP_URL": smtp_url.OPTIONS,
}
READ = set(re.findall(r'(?:required|optional)\("(\w+)"', (ROOT / "config/settings.py").read_text()))


def test_the_table_has_a_row_for_every_setting() -> None:
    assert READ
    assert set(ROWS) == READ


@pytest.mark.parametrize("name", sorted(READ))
def test_each_row_has_the_default_or_says_that_there_is_none(name: str) -> None:
    default = DEFAULTS.get(name)
    expected = "*required*" if default is None else f"`{default}`" if default else "none"
    assert ROWS[name].startswith(expected)


def test_every_documented_form_is_tested_with_real_processes() -> None:
    """So no form can be forgotten: each new one is added to the matrix, where it has to work."""
    started = {form for start in STARTS.values() for form in start.documented()}
    assert FORMS - started - ELSEWHERE.keys() == set()
    assert all((ROOT / test).is_file() for test in ELSEWHERE.values())


def test_every_tested_url_is_documented() -> None:
    started = {form for start in STARTS.values() for form in start.documented() if form[0].endswith("_URL")}
    assert started == URLS


@pytest.mark.parametrize(("name", "options"), OPTIONS.items())
def test_every_option_of_a_url_is_documented(name: str, options: Mapping[str, Collection[str]]) -> None:
    written = "".join(form for setting, form in URLS if setting == name)
    assert [option for taken in options.values() for option in taken if f"{option}=" not in written] == []
    assert {scheme for scheme in options if f"{scheme}://" not in VALUES[name]} == set()


def test_every_url_has_a_scheme_of_its_setting() -> None:
    assert {(name, form.partition("://")[0] + "://") for name, form in URLS} == SCHEMES


@pytest.mark.parametrize("package", ["webhooks", "webhooks_api", "webhooks_worker", "webhooks_cli", "client"])
def test_no_other_module_reads_the_environment(package: str) -> None:
    readers = [
        file.name
        for file in (ROOT / package).rglob("*.py")
        if re.search(r"(?<!request\.)\benviron\b|\bgetenv\b", file.read_text())
    ]
    assert readers == []


def test_in_config_only_the_settings_read_the_environment() -> None:
    readers = {file.name for file in (ROOT / "config").glob("*.py") if "os.environ" in file.read_text()}
    assert readers == {"settings.py"}
