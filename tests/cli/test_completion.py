"""Shell completion of commands, options, and arguments with a few known values."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from cli.test_help import COMMANDS, PAGE
from webhooks.accounts.account import ADD_ONS, PLANS
from webhooks.actions import CATALOGUE
from webhooks.actions.feed import FEED_TYPES
from webhooks.deliveries.delivery import ENDED, State
from webhooks_cli.__main__ import main

STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx", "none"]


def completions(typed: str) -> list[str]:
    """Return the completions of the last word of a command line."""
    *words, last = typed.split(" ")
    items = ShellComplete(main, {}, "webhooks", "_WEBHOOKS_COMPLETE").get_completions(words, last)
    return [item.value for item in items]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("prof", ["profiles"]),
        ("deliveries re", ["resend"]),
        ("deliveries list --status-", ["--status-class"]),
        ("register ", CATALOGUE),
        ("register s", ["scheduled", "social"]),
        ("unregister ", CATALOGUE),
        ("test ", CATALOGUE),
        ("history ", CATALOGUE),
        ("deliveries list --action ", CATALOGUE),
        ("deliveries list --state ", State),
        ("deliveries list --state e", ["exhausted"]),
        ("deliveries list --status-class ", STATUS_CLASSES),
        ("recover --action ", CATALOGUE),
        ("recover --state ", ENDED),
        ("accounts create --plan ", PLANS),
        ("accounts create --add-on ", ADD_ONS),
        ("accounts update f00 --plan ", PLANS),
        ("accounts update f00 --add-on ", ADD_ONS),
        ("feeds add --type ", FEED_TYPES),
        ("register social https://x ", []),
    ],
)
def test_commands_options_and_values_are_completed(typed: str, words: list[str]) -> None:
    assert completions(typed) == list(words)


def test_each_parameter_with_a_few_values_has_completion() -> None:
    """Of every command, including those that are added later."""
    names = {"action", "state", "plan", "add_ons", "kind", "statusClass"}
    found = set()
    for typed, command in COMMANDS.items():
        for parameter in command.params:
            if parameter.name in names:
                found.add(parameter.name)
                context = click.Context(command, info_name=typed)
                assert parameter.shell_complete(context, ""), f"{typed}: {parameter.name}"
    assert found == names


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_documented_line_enables_completion_in_bash(tmp_path: Path) -> None:
    (line,) = re.findall(r"^(eval .*bash_source.*)$", PAGE, re.MULTILINE)
    script = f"""
        {line}
        COMP_WORDS=(webhooks register so); COMP_CWORD=2
        _webhooks_completion webhooks
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        [shutil.which("bash") or "", "--norc", "-c", script],
        env={"PATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("social\n", "")
