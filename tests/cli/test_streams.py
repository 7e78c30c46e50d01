"""The standard streams: terminals in any encoding, pipes, full disks, and closed streams."""

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
def test_a_table_escapes_characters_that_the_encoding_lacks(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(PROFILES)
    lines = scripted("profiles", "list").stdout.splitlines()
    assert lines[1:] == [f"{REF_ID}  {shown}", f"{'f00':<40}  x"]


@every_encoding
def test_json_is_valid_in_every_encoding(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(PROFILES)
    printed = scripted("profiles", "list", "--json").stdout
    assert json.loads(printed)[0]["title"] == TITLE
    assert shown not in printed  # these are not escapes of JSON


@every_encoding
def test_an_error_escapes_characters_that_the_encoding_lacks(
    scripted: CommandLine, service: ScriptedService, encoding: str, shown: str
) -> None:
    scripted.encoding = encoding
    service.script.append(refuse(400, 101, TITLE))
    assert scripted("list").stderr == f"Error: {shown} (400)\n"
    arrow = shown.split(" ")[2]
    assert f"No such command '{arrow}'." in scripted("→").stderr


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "Zoë"), ("utf-8", "日本 🥖"), ("latin-1", "Zoë")])
def test_json_keeps_characters_that_the_encoding_has(
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
def test_commands_work_on_a_narrow_terminal(
    scripted: CommandLine, service: ScriptedService, command: list[str], columns: str
) -> None:
    service.script.append(PROFILES)
    assert scripted(*command, COLUMNS=columns, NO_COLOR="1").exit_code == 0


# The tests below start processes, because only real streams behave this way. None may print a traceback.

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(service: ScriptedService, tmp_path: Path) -> Run:
    """Runs `webhooks` as a process with a minimal environment: no HOME, no TERM, no LANG."""

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
    """A pipe without a reader."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(
    "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_a_process_without_unicode_prints_ascii(
    run: Run, service: ScriptedService, environment: dict[str, str]
) -> None:
    service.script.append(PROFILES)
    assert rb"Zo\xeb \U0001f956" in run("profiles", "list", env=environment).stdout


@pytest.mark.parametrize(
    "command", [["--help"], ["deliveries", "--help"], ["profiles", "list", "--json"]], ids=" ".join
)
def test_a_command_ends_by_sigpipe_when_its_reader_is_gone(
    run: Run, service: ScriptedService, unread: int, command: list[str]
) -> None:
    service.script.append(PROFILES)
    result = run(*command, stdout=unread)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b"")


def test_an_error_message_without_a_reader_ends_by_sigpipe_too(run: Run, unread: int) -> None:
    assert run("nonsense", stderr=unread).returncode == -signal.SIGPIPE


def test_a_closed_pipe_stops_sending_with_a_note_on_how_to_resume(
    run: Run, service: ScriptedService, unread: int
) -> None:
    """The events after the first call are not sent, so the sender must be told."""
    service.script.append(Answer(200, {}))
    lines = f"{json.dumps(EVENT)}\n" * 1_500
    result = run("events", "send", "-", "--json", "--run", "monday", input=lines.encode(), stdout=unread)
    assert result.returncode == -signal.SIGPIPE
    assert result.stderr == (
        b"The reader of the results has closed the pipe. "
        b"Send all again with --run monday, within 24 hours, and none is stored twice.\n"
    )
    assert len(service.calls) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
@pytest.mark.parametrize("command", [["--help"], ["profiles", "list"]], ids=" ".join)
def test_a_full_disk_is_reported_in_one_line(run: Run, service: ScriptedService, command: list[str]) -> None:
    service.script.append(PROFILES)
    with Path("/dev/full").open("wb") as full:
        result = run(*command, stdout=full)
    assert (result.returncode, result.stderr) == (1, b"Error: No space left on device\n")


def closing(*numbers: int) -> Callable[[], None]:
    """Return a function that closes standard streams of a new process before its program starts."""

    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_commands_work_with_closed_streams(run: Run, service: ScriptedService, numbers: tuple[int, ...]) -> None:
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
def test_an_empty_or_closed_standard_input_is_reported(
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
