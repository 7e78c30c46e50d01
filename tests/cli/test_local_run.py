"""The command line beside a `make run`: it finds the URL, and explains why there is no answer."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import CommandLine
from scripted_service import Answer, ScriptedService
from webhooks_local.ports import free_port
from webhooks_local.private_files import make_private_directory
from webhooks_local.run.run_file import recorded_run

NO_PROFILES = Answer(200, {"status": "success", "profiles": []})


@pytest.fixture
def beside(tmp_path: Path) -> CommandLine:
    """The command line in a directory with `var/`, without WEBHOOKS_URL."""
    make_private_directory(tmp_path / "var")
    return CommandLine(tmp_path, WEBHOOKS_API_KEY="canary-api-key")


@pytest.fixture
def run(beside: CommandLine, service: ScriptedService) -> Iterator[str]:
    """The URL of a `make run` in the same directory."""
    with recorded_run(beside.directory / "var", service.url):
        yield service.url


@pytest.mark.usefixtures("run")
def test_a_command_finds_the_port_of_make_run(beside: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    assert beside("profiles", "list").exit_code == 0
    assert [call.path for call in service.calls] == ["/api/profiles"]


def test_a_given_url_overrides_that_of_make_run(beside: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    with recorded_run(beside.directory / "var", "http://127.0.0.1:1"):
        assert beside("profiles", "list", WEBHOOKS_URL=service.url).exit_code == 0


def test_the_error_says_that_make_run_has_ended(beside: CommandLine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with recorded_run(beside.directory / "var", url):
        pass
    result = beside("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: No answer from {url}: Connection refused. The `make run` of this directory has ended; it was at "
        f"{url}. See --url.\n"
    )


def test_the_error_for_another_port_names_the_url_of_make_run(beside: CommandLine, run: str) -> None:
    other = f"http://127.0.0.1:{free_port()}"
    assert f"The `make run` of this directory is at {run}." in beside("list", "--url", other).stderr


def test_the_error_says_that_make_run_is_starting_or_stopping(beside: CommandLine) -> None:
    with recorded_run(beside.directory / "var", f"http://127.0.0.1:{free_port()}"):
        assert "is still starting, or stopping." in beside("list").stderr


def test_the_error_names_a_run_file_without_a_url(beside: CommandLine) -> None:
    beside.file("var/run.env", b"WEBHOOKS_URL=\xff\n")
    result = beside("list")
    assert result.exit_code == 2
    assert "var/run.env: The url must " in result.stderr


def test_a_new_key_that_cannot_be_stored_is_printed(
    beside: CommandLine, service: ScriptedService, run: str
) -> None:
    """The account exists by then, and its key would be lost."""
    del run
    beside.file("var/keys.env", "WEBHOOKS_ADMIN_KEY=canary-admin-key\n")
    (beside.directory / "var/customer.env").mkdir()
    service.script.append(Answer(201, {"status": "success", "refId": "f00", "apiKey": "canary-new-key"}))
    result = beside("accounts", "create", "--title", "Acme", "--email", "ops@acme.example")
    assert result.exit_code == 0
    assert "canary-new-key" in result.stdout
    assert result.stderr == (
        "The API key is not shown again; it could not be kept in var/customer.env: Is a directory.\n"
    )


def start_of_listen(directory: Path) -> str:
    """Return what `webhooks listen` prints before the first call."""
    command = [sys.executable, "-m", "webhooks_cli", "listen", "--port", "0", "--host", "127.0.0.1"]
    with subprocess.Popen(command, cwd=directory, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        printed = "".join(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stderr))
        process.terminate()
    return printed


def test_listen_prints_which_ca_callers_must_trust(beside: CommandLine) -> None:
    first, second = (start_of_listen(beside.directory) for _ in range(2))
    authority = beside.directory / "var/tls/ca.pem"
    assert f"A CA was made for it, {authority}.\n" in first
    assert f"of the CA in {authority}, which the `make run` of this directory trusts.\n" in second


def test_listen_reports_why_it_cannot_make_a_certificate(beside: CommandLine) -> None:
    """A file is where the directory of certificates should be."""
    beside.file("var/tls", "not a directory")
    result = beside("listen", "--port", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: No certificate can be made under {beside.directory}/var: File exists. Give --certificate.\n"
    )
