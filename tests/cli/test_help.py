"""The help and docs/cli.md describe every command."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from webhooks.actions import CATALOGUE
from webhooks.deliveries.delivery import ENDED, State
from webhooks_cli.__main__ import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cli.md").read_text()


def commands(group: click.Group = main, path: str = "webhooks") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that is not a group, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands())
every_command = pytest.mark.parametrize("typed", COMMANDS)


def test_the_help_lists_commands_by_their_users() -> None:
    shown = CliRunner().invoke(main, ["--help"]).stdout
    sections = dict(re.findall(r"^(For .+):\n((?:  .+\n?)+)", shown, re.MULTILINE))
    names = {title: re.findall(r"^  (\w+)", text, re.MULTILINE) for title, text in sections.items()}
    assert names["For operators"] == ["accounts", "secrets"]
    assert names["For producers, with a producer key"] == ["events"]
    assert names["For developers, without a key"] == ["listen"]
    assert sorted(itertools.chain(*names.values())) == sorted(main.commands)


@every_command
def test_a_command_and_its_options_are_described(typed: str) -> None:
    command = COMMANDS[typed]
    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


def test_the_help_names_all_actions() -> None:
    shown = CliRunner().invoke(main, ["register", "--help"]).stdout
    assert all(action in shown for action in CATALOGUE)


@pytest.mark.parametrize(("command", "states"), [(["deliveries", "list"], tuple(State)), (["recover"], ENDED)])
def test_the_help_names_all_states(command: list[str], states: tuple[State, ...]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"]).stdout
    (named,) = re.findall(r"--state STATE +([^.]+)\.", shown)
    assert re.split(r",\s+", named) == list(states)


@every_command
def test_the_page_describes_each_command_with_its_options(typed: str) -> None:
    options = {
        option for parameter in COMMANDS[typed].params for option in parameter.opts if option.startswith("--")
    }
    shared = {"--url", "--api-key", "--profile-key", "--admin-key", "--producer-key", "--json"}
    section = re.search(rf"^### `{typed}\b.*?(?=^##)", f"{PAGE}\n##", re.DOTALL | re.MULTILINE)
    assert section is not None
    assert {option for option in options - shared if option not in section[0]} == set()


def test_the_page_lists_the_commands_in_order() -> None:
    headings = re.findall(r"^### `(webhooks(?: [a-z-]+)+)", PAGE, re.MULTILINE)
    assert headings == list(COMMANDS)


@pytest.mark.parametrize(
    "command", [[sys.executable, "-m", "webhooks_cli"], [str(Path(sys.executable).parent / "webhooks")]]
)
def test_webhooks_runs_as_a_module_and_as_a_script(command: list[str]) -> None:
    shown = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"webhooks, version \d+\.\d+\.\d+\n", shown)
