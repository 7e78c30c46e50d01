"""The command line beside a `make run`: it finds the port, and says so when that has ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import CommandLine
from scripted_service import Answer, ScriptedService
from webhooks_local.ports import free_port
from webhooks_local.private_files import make_private_directory
from webhooks_local.run.run_file import whereabouts_kept

NO_PROFILES = Answer(200, {"status": "success", "profiles": []})


@pytest.fixture
def beside(tmp_path: Path) -> CommandLine:
    """The command line in a directory with `var/`, and without a URL of its own."""
    make_private_directory(tmp_path / "var")
    return CommandLine(tmp_path, WEBHOOKS_API_KEY="canary-api-key")


@pytest.fixture
def run(beside: CommandLine, service: ScriptedService) -> Iterator[str]:
    """A `make run` in the same directory; its URL."""
    with whereabouts_kept(beside.directory / "var", service.url):
        yield service.url


@pytest.mark.usefixtures("run")
def test_the_port_of_make_run_is_found(beside: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    assert beside("profiles", "list").exit_code == 0
    assert [call.path for call in service.calls] == ["/api/profiles"]


def test_a_url_that_is_given_goes_before_it(beside: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    with whereabouts_kept(beside.directory / "var", "http://127.0.0.1:1"):
        assert beside("profiles", "list", WEBHOOKS_URL=service.url).exit_code == 0


def test_an_ended_make_run_is_told(beside: CommandLine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with whereabouts_kept(beside.directory / "var", url):
        pass
    result = beside("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: No answer from {url}: Connection refused. The `make run` of this directory has ended; it was at "
        f"{url}. See --url.\n"
    )


def test_another_port_than_that_of_make_run_is_told(beside: CommandLine, run: str) -> None:
    other = f"http://127.0.0.1:{free_port()}"
    assert f"The `make run` of this directory is at {run}." in beside("list", "--url", other).stderr


def test_a_make_run_that_does_not_answer_yet_is_told(beside: CommandLine) -> None:
    with whereabouts_kept(beside.directory / "var", f"http://127.0.0.1:{free_port()}"):
        assert "is still starting, or stopping." in beside("list").stderr


def test_a_file_that_holds_no_url_is_named(beside: CommandLine) -> None:
    beside.file("var/run.env", b"WEBHOOKS_URL=\xff\n")
    result = beside("list")
    assert result.exit_code == 2
    assert "var/run.env: The url must " in result.stderr


def test_a_new_key_that_cannot_be_kept_is_shown_all_the_same(
    beside: CommandLine, service: ScriptedService, run: str
) -> None:
    """The account is there by then; its key would be lost."""
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


def test_listen_says_which_ca_it_made(beside: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks_cli.commands.listen._Listener.wait_until_unheard", lambda _: None)
    first, second = (beside("listen", "--port", "0", "--host", "127.0.0.1").stderr for _ in range(2))
    authority = beside.directory / "var/tls/ca.pem"
    assert f"A CA was made for it, {authority}.\n" in first
    assert f"of the CA in {authority}, which the `make run` of this directory trusts.\n" in second


def test_listen_says_why_it_can_make_no_certificate(beside: CommandLine) -> None:
    """In a read-only directory, say."""
    beside.file("var/tls", "in its way")
    result = beside("listen", "--port", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: No certificate can be made under {beside.directory}/var: File exists. Give --certificate.\n"
    )
