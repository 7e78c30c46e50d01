"""What is printed, whatever stands behind the standard streams: an encoding, a pipe, a full disk, nothing."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import CommandLine
from scripted_service import REF_ID, Answer, ScriptedService, refuse

TITLE = "Zoë 🥖 → \ud800"
SUCCESS = {"status": "success"}
PROFILES = Answer(
    200, {**SUCCESS, "profiles": [{"refId": REF_ID, "title": TITLE}, {"refId": "f00", "title": "x"}]}
)
EVENT = {"action": "social", "refId": REF_ID}

every_encoding = pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "Zoë 🥖 → \\ud800"),
        ("latin-1", r"Zoë \U0001f956 \u2192 \ud800"),
        ("ascii", r"Zo\xeb \U0001f956 \u2192 \ud800"),
    ],
)


@every_encoding
def test_a_table_escapes_what_the_encoding_lacks_and_stays_aligned(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(PROFILES)
    lines = scripted("profiles", "list").stdout.splitlines()
    assert lines[1:] == [f"{REF_ID}  {shown}", f"{'f00':<40}  x"]


@every_encoding
def test_json_stays_json_in_each_encoding(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(PROFILES)
    printed = scripted("profiles", "list", "--json").stdout
    assert json.loads(printed)[0]["title"] == TITLE
    assert shown not in printed  # its escapes are not those of JSON


@every_encoding
def test_an_error_escapes_what_the_encoding_lacks(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(refuse(400, 101, TITLE))
    assert scripted("list").stderr == f"Error: {shown} (400)\n"
    arrow = shown.split(" ")[2]
    assert f"No such command '{arrow}'." in scripted("→").stderr


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "Zoë"), ("utf-8", "日本 🥖"), ("latin-1", "Zoë")])
def test_json_keeps_letters_that_can_be_shown(
    scripted: CommandLine, service: ScriptedService, encoding: str, text: str
) -> None:
    scripted.encoding = encoding
    service.script.extend(
        [Answer(200, {**SUCCESS, "profiles": [{"refId": "f00", "title": text}]}), Answer(200, {})]
    )
    assert f'"title": "{text}"' in scripted("profiles", "list", "--json").stdout
    event = json.dumps({**EVENT, "refId": text})
    assert f'"refId": "{text}"' in scripted("events", "send", "-", "--json", stdin=event).stdout


@pytest.mark.parametrize("columns", ["0", "1", "9", "no number"])
@pytest.mark.parametrize(
    "command", [["--help"], ["deliveries", "list", "--help"], ["profiles", "list"]], ids=" ".join
)
def test_a_narrow_terminal_does_no_harm(
    scripted: CommandLine, service: ScriptedService, command: list[str], columns: str
) -> None:
    service.script.append(PROFILES)
    assert scripted(*command, COLUMNS=columns, NO_COLOR="1").exit_code == 0


# As processes, for what only real streams do. None may print a traceback.

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(service: ScriptedService, tmp_path: Path) -> Run:
    """Runs `webhooks` as a process, with next to nothing in its environment: no HOME, no TERM, no LANG."""

    def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        keys = {f"WEBHOOKS_{kind}_KEY": "canary" for kind in ("API", "PRODUCER")}
        environment = {"PATH": os.environ["PATH"], "WEBHOOKS_URL": service.url, **keys, **options.pop("env", {})}
        streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        if "input" not in options:
            streams["stdin"] = subprocess.DEVNULL
        command = [sys.executable, "-m", "webhooks_cli", *arguments]
        result = subprocess.run(
            command, cwd=tmp_path, env=environment, check=False, timeout=60, **streams | options
        )
        printed = (result.stdout or b"") + (result.stderr or b"")
        assert not any(word in printed for word in (b"Traceback", b"Exception ignored", b"Warning")), printed
        return result

    return run


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(
    "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_a_real_terminal_without_unicode_gets_ascii(
    run: Run, service: ScriptedService, environment: dict[str, str]
) -> None:
    service.script.append(PROFILES)
    assert rb"Zo\xeb \U0001f956" in run("profiles", "list", env=environment).stdout


@pytest.mark.parametrize(
    "command", [["--help"], ["deliveries", "--help"], ["profiles", "list", "--json"]], ids=" ".join
)
def test_a_pipe_that_nobody_reads_ends_a_command_as_any_program(
    run: Run, service: ScriptedService, unread: int, command: list[str]
) -> None:
    service.script.append(PROFILES)
    result = run(*command, stdout=unread)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b"")


def test_a_mistake_that_nobody_reads_ends_so_too(run: Run, unread: int) -> None:
    assert run("nonsense", stderr=unread).returncode == -signal.SIGPIPE


def test_events_stop_with_the_pipe_and_say_how_to_go_on(run: Run, service: ScriptedService, unread: int) -> None:
    """The rest of the file is not sent: whoever sends must know."""
    service.script.append(Answer(200, {}))
    lines = f"{json.dumps(EVENT)}\n" * 1_500
    result = run("events", "send", "-", "--json", "--run", "monday", input=lines.encode(), stdout=unread)
    assert result.returncode == -signal.SIGPIPE
    assert result.stderr == (
        b"Nobody reads the results any more. Send all again with --run monday, within 24 hours, and none is "
        b"stored twice.\n"
    )
    assert len(service.calls) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
@pytest.mark.parametrize("command", [["--help"], ["profiles", "list"]], ids=" ".join)
def test_a_full_disk_is_told_in_a_line(run: Run, service: ScriptedService, command: list[str]) -> None:
    service.script.append(PROFILES)
    with Path("/dev/full").open("wb") as full:
        result = run(*command, stdout=full)
    assert (result.returncode, result.stderr) == (1, b"Error: No space left on device\n")


def closing(*numbers: int) -> Callable[[], None]:
    """Return what closes standard streams in a process before it begins."""

    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_do_no_harm(run: Run, service: ScriptedService, numbers: tuple[int, ...]) -> None:
    service.script.append(PROFILES)
    assert run("profiles", "list", preexec_fn=closing(*numbers)).returncode == 0


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["profiles", "delete", "--profile-key", "k"], "Aborted!"),
        (["secret", "set"], "The secret is missing: give --secret-file"),
        (["secret", "set", "--secret-file", "-"], "Error: Invalid value for '--secret-file': must not be empty."),
        (["events", "send", "-"], " is empty"),
    ],
)
@pytest.mark.parametrize(
    "options", [{"preexec_fn": closing(0)}, {"start_new_session": True}], ids=["closed", "empty"]
)
def test_an_input_without_anything_is_told(
    run: Run, service: ScriptedService, command: list[str], message: str, options: dict[str, Any]
) -> None:
    service.script.append(Answer(200, {**SUCCESS, "refId": "f00"}))
    result = run(*command, **options)
    assert result.returncode in {1, 2}
    assert message in result.stderr.decode().splitlines()[-1]


def test_a_secret_is_asked_for_on_a_terminal(service: ScriptedService, tmp_path: Path) -> None:
    service.script.append(Answer(200, {**SUCCESS, "refId": "f00"}))
    terminal, its_end = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "webhooks_cli", "secret", "set"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "WEBHOOKS_URL": service.url, "WEBHOOKS_API_KEY": "canary"},
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
    )
    os.close(its_end)
    with asking, os.fdopen(terminal, "r+b", buffering=0) as keyboard:
        shown = b""
        for prompt in (b"Secret: ", b"Repeat for confirmation: "):
            while not shown.endswith(prompt):
                shown += keyboard.read(1_000)  # fails when the other end is closed
            keyboard.write(b"correct-horse\n")
        assert asking.wait(60) == 0
    assert service.calls[0].json == {"secret": "correct-horse"}
    assert b"correct-horse" not in shown
