"""The code on docs/verifying.md is run as it is printed, with calls that are signed here by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from requests.structures import CaseInsensitiveDict

PAGE = Path(__file__).parents[2] / "docs" / "verifying.md"
BODY = '{"action":"social","hookId":"aB3dE6gH9jK2mN5pQ8sT","title":"Bäckerei 🥖","retry":false}'.encode()
PLAIN = "correct-horse-bätteri"
STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

#: Takes headers, raw body and secret; returns whether the call is genuine.
Verifier: TypeAlias = Callable[[Mapping[str, str], bytes, str], bool]


def blocks(language: str) -> list[str]:
    page = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def python(block: int, function: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(blocks("python")[block], names)  # noqa: S102  the page's own code
    found: Callable[..., Any] = names[function]
    return found


def plain_hmac(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    verdict = python(0, "is_genuine")(CaseInsensitiveDict(headers), body, secret)
    assert isinstance(verdict, bool)
    return verdict


def standardwebhooks(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    event = python(1, "read_event")(CaseInsensitiveDict(headers), body, secret)
    assert event is None or event == json.loads(body)
    return event is not None


def node(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    [snippet] = blocks("js")
    lowered = {name.lower(): value for name, value in headers.items()}
    arguments = json.dumps([lowered, base64.b64encode(body).decode(), secret])
    call = f"const [headers, body, secret] = {arguments};\n"
    call += 'console.log(isGenuine(headers, Buffer.from(body, "base64"), secret));\n'
    program = shutil.which("node") or ""
    done = subprocess.run(
        [program, "--input-type=module"],
        input=snippet + call,
        encoding="utf-8",
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stdout in {"true\n", "false\n"}
    return done.stdout == "true\n"


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
VERIFIERS = [plain_hmac, standardwebhooks, pytest.param(node, marks=needs_node)]
SIGNING_THE_TIME = VERIFIERS[1:]
every_verifier = pytest.mark.parametrize("genuine", VERIFIERS)
either_secret = pytest.mark.parametrize("secret", [PLAIN, STANDARD])


def signed(body: bytes, *secrets: str, age: int = 0) -> dict[str, str]:
    """Return the headers of a call made `age` seconds ago, as in the table of the page."""
    moment = str(int(time.time()) - age)
    keys = [base64.b64decode(s[6:]) if s.startswith("whsec_") else s.encode() for s in secrets]
    hexes = [hmac.new(key, body, hashlib.sha256).hexdigest() for key in keys]
    message = b"aB3dE6gH9jK2mN5pQ8sT." + moment.encode() + b"." + body
    standard = [base64.b64encode(hmac.digest(key, message, "sha256")).decode() for key in keys]
    return {
        "X-Authorization-Timestamp": moment,
        "X-Authorization-Content-SHA256": hexes[0],
        "X-Authorization-Content-SHA256-V2": ",".join(f"v1={value}" for value in hexes),
        "webhook-id": "aB3dE6gH9jK2mN5pQ8sT",
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{value}" for value in standard),
    }


@every_verifier
@either_secret
def test_a_signed_call_is_accepted(genuine: Verifier, secret: str) -> None:
    assert genuine(signed(BODY, secret), BODY, secret)


@every_verifier
def test_both_secrets_are_accepted_after_a_rotation(genuine: Verifier) -> None:
    headers = signed(BODY, "the new one", PLAIN)
    assert genuine(headers, BODY, "the new one")
    assert genuine(headers, BODY, PLAIN)


@every_verifier
@either_secret
def test_a_changed_body_is_refused(genuine: Verifier, secret: str) -> None:
    assert not genuine(signed(BODY, secret), BODY.replace(b"false", b"true"), secret)


@every_verifier
@either_secret
def test_another_secret_is_refused(genuine: Verifier, secret: str) -> None:
    assert not genuine(signed(BODY, "somebody else's", "whsec_c29tZWJvZHkgZWxzZSdz"), BODY, secret)


@every_verifier
@pytest.mark.parametrize("age", [330, -330])
def test_a_timestamp_more_than_five_minutes_away_is_refused(genuine: Verifier, age: int) -> None:
    assert not genuine(signed(BODY, PLAIN, age=age), BODY, PLAIN)


@every_verifier
def test_a_timestamp_within_five_minutes_is_accepted(genuine: Verifier) -> None:
    assert genuine(signed(BODY, PLAIN, age=270), BODY, PLAIN)


@pytest.mark.parametrize("genuine", SIGNING_THE_TIME)
def test_a_changed_timestamp_of_the_standard_headers_is_refused(genuine: Verifier) -> None:
    replayed = {**signed(BODY, PLAIN, age=3600), "webhook-timestamp": str(int(time.time()))}
    assert not genuine(replayed, BODY, PLAIN)


@every_verifier
def test_a_call_without_a_signature_is_refused(genuine: Verifier) -> None:
    assert not genuine({"Content-Type": "application/json"}, BODY, PLAIN)


@every_verifier
@pytest.mark.parametrize("nonsense", ["", "é", "v1=", "v1,", "v1,é", ",,,"])
def test_a_malformed_signature_is_refused_without_an_exception(genuine: Verifier, nonsense: str) -> None:
    signatures = {"X-Authorization-Content-SHA256-V2": nonsense, "webhook-signature": nonsense}
    assert not genuine({**signed(BODY, PLAIN), **signatures}, BODY, PLAIN)


@every_verifier
@pytest.mark.parametrize("nonsense", ["", "é", "soon", "nan", "9" * 5000])
def test_a_malformed_timestamp_is_refused_without_an_exception(genuine: Verifier, nonsense: str) -> None:
    timestamps = {"X-Authorization-Timestamp": nonsense, "webhook-timestamp": nonsense}
    assert not genuine({**signed(BODY, PLAIN), **timestamps}, BODY, PLAIN)
