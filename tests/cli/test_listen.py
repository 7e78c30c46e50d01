"""`webhooks listen` as a process with a real socket: what it prints, verifies and answers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Self

import pytest
import requests

from cli.conftest import CommandLine
from webhooks.signing.signatures import signature_headers
from webhooks_cli.printed_calls import in_json, in_lines
from webhooks_local.certificates import Certificates
from webhooks_local.receiver.behaviours import Reply
from webhooks_local.receiver.calls import Call

SECRET = "correct-horse-bättery"
HOOK_ID = "aB3dE6gH9jK2mN5pQ8sT"
BODY = json.dumps({"action": "social", "hookId": HOOK_ID, "displayName": "Bäckerei"}, ensure_ascii=False).encode()


class Listening:
    """Runs `webhooks listen` with a certificate that `call` trusts. A context manager."""

    def __init__(self, certificates: Certificates, *options: str, secret: str = "", stdout: int = subprocess.PIPE):
        fixed = ["--host", "127.0.0.1", "--port", "0", "--certificate", str(certificates.receiver)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "webhooks_cli", "listen", *fixed, *options],
            env={"PATH": os.environ["PATH"], "WEBHOOKS_SECRET": secret},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(certificates.authority)

    def __enter__(self) -> Self:
        assert self._process.stderr is not None
        urls = (re.search(r"https://127\.0\.0\.1:\d+", line) for line in self._process.stderr)
        self.url = next(url[0] for url in urls if url)
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._process.kill()
        self._process.communicate()

    def call(
        self, path: str = "/hello", body: bytes = BODY, headers: Mapping[str, str] | None = None
    ) -> int | None:
        """Call, and return the status; None if the connection ends or there is no answer within a second."""
        try:
            return self._session.post(self.url + path, data=body, headers=headers, timeout=1).status_code
        except requests.RequestException:
            return None

    def stop(self) -> str:
        """Press Ctrl-C, and return the whole output."""
        self._process.send_signal(signal.SIGINT)
        printed, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 130
        return printed

    def wait(self) -> int:
        """Wait for the process to end by itself, and return its exit code."""
        return self._process.wait(60)


def signed(*secrets: str) -> dict[str, str]:
    return signature_headers(HOOK_ID, int(time.time()), BODY, secrets)


def verdicts(certificates: Certificates, headers: dict[str, str]) -> dict[str, bool]:
    """Return whether each signature of a call with these headers is valid."""
    with Listening(certificates, "--json", secret=SECRET) as listening:
        assert listening.call(headers=headers) == 200
        return dict(json.loads(listening.stop())["valid"])


def test_each_call_is_printed(certificates: Certificates) -> None:
    with Listening(certificates, secret=SECRET) as listening:
        assert listening.call("/hello?x=1", headers=signed(SECRET) | {"X-Webhook-Attempt": "1"}) == 200
        assert listening.call("/other", b"\x1b[2J\xff") == 200
        printed = listening.stop()
    first, second = printed.strip().split("\n\n")
    assert re.fullmatch(r"\d\d:\d\d:\d\d POST /hello\?x=1 → 200", first.splitlines()[0])
    assert "  X-Webhook-Attempt: 1\n" in first
    assert f"  webhook-id: {HOOK_ID}\n" in first
    assert "  ✓ X-Authorization-Content-SHA256 is valid\n  ✓ webhook-signature is valid\n" in first
    assert first.endswith('  "displayName": "Bäckerei"\n  }')
    assert "  ✗ X-Authorization-Content-SHA256 is missing or not valid\n" in second
    assert "\x1b" not in second


def test_with_json_each_call_is_a_line(certificates: Certificates) -> None:
    with Listening(certificates, "--json") as listening:
        listening.call(headers={"X-Odd": "as Sent"})
        listening.call(body=b"no JSON")
        first, second = map(json.loads, listening.stop().splitlines())
    assert (first["method"], first["path"], first["answer"]) == ("POST", "/hello", 200)
    assert first["body"]["displayName"] == "Bäckerei"
    assert ["X-Odd", "as Sent"] in first["headers"]
    assert (first["valid"], second["body"]) == ({}, "no JSON")


@pytest.mark.parametrize("secrets", [(SECRET,), ("new-secret", SECRET), ("whsec_bmV3", SECRET)])
def test_both_signatures_are_verified_during_a_secret_rotation(
    certificates: Certificates, secrets: tuple[str, ...]
) -> None:
    both = {"X-Authorization-Content-SHA256": True, "webhook-signature": True}
    assert verdicts(certificates, signed(*secrets)) == both


def test_each_signature_scheme_is_verified_separately(certificates: Certificates) -> None:
    headers = signed(SECRET) | {"webhook-signature": "v1,c29tZXRoaW5nIGVsc2U="}
    assert verdicts(certificates, headers) == {
        "X-Authorization-Content-SHA256": True,
        "webhook-signature": False,
    }


def test_another_secret_does_not_verify(certificates: Certificates) -> None:
    assert not any(verdicts(certificates, signed("another")).values())


def test_listen_fails_the_first_calls_of_a_delivery(certificates: Certificates) -> None:
    with Listening(certificates, "--fail", "2", "--status", "503") as listening:
        assert [listening.call() for _ in range(3)] == [503, 503, 200]


def test_listen_stops_while_calls_hang(certificates: Certificates) -> None:
    with Listening(certificates, "--hang", "--json") as listening:
        assert listening.call() is None
        assert json.loads(listening.stop())["answer"] == "hang"


def test_listen_follows_a_schedule(certificates: Certificates) -> None:
    with Listening(certificates, "--schedule", "close,429,204") as listening:
        assert [listening.call() for _ in range(4)] == [None, 429, 204, 204]


def test_without_options_the_path_decides(certificates: Certificates) -> None:
    with Listening(certificates) as listening:
        paths = ["/fail/1/x", "/fail/1/x", "/status/418/x", "/anything"]
        assert [listening.call(path) for path in paths] == [500, 200, 418, 200]


def test_listen_ends_when_its_reader_is_gone(certificates: Certificates) -> None:
    """As in `webhooks listen | head`."""
    reading, writing = os.pipe()
    os.close(reading)
    with Listening(certificates, stdout=writing) as listening:
        os.close(writing)
        assert listening.call() == 200
        assert listening.wait() == -signal.SIGPIPE


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_port_in_use_is_reported_in_one_line(webhooks: CommandLine, taken_port: int) -> None:
    result = webhooks("listen", "--host", "127.0.0.1", "--port", str(taken_port))
    assert result.exit_code == 1
    assert result.stderr == f"Error: cannot listen on 127.0.0.1, port {taken_port}: Address already in use\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--secret", "whsec_!"], "Invalid value for --secret: After whsec_ there must be base64."),
        (["--fail", "1", "--random", "0.5"], "Of --fail, --random and --schedule only one can be given."),
        (["--status", "99"], "Invalid value for '--status': 99 is not in the range 200<=x<=599."),
    ],
)
def test_invalid_options_are_refused(webhooks: CommandLine, options: list[str], message: str) -> None:
    result = webhooks("listen", *options)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {message}")


def test_a_malformed_certificate_is_refused(webhooks: CommandLine) -> None:
    file = webhooks.file("certificate.pem", "-----BEGIN NOTHING-----")
    result = webhooks("listen", "--certificate", file, "--port", "0")
    assert result.exit_code == 2
    assert "must hold a private key and its certificates, in PEM." in result.stderr


def test_numbers_of_a_body_are_printed_unchanged() -> None:
    call = Call("/", "POST", [], b'{"total":1.10,"rate":12345678901234567890.12}', 0.0)
    assert '"body": {"total": 1.10, "rate": 12345678901234567890.12}' in in_json(call, {}, Reply(200))
    assert '"total": 1.10,\n    "rate": 12345678901234567890.12\n' in in_lines(call, {}, Reply(200))
