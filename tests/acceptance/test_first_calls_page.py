"""Every command and snippet of docs/first-calls.md, run as it is printed there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from running import ADMIN_KEY, PRODUCER_KEY, ROOT, Customer, Running
from samples import SAMPLES
from webhooks_local.receiver import Receiver

PAGE = (ROOT / "docs/first-calls.md").read_text()
SECRET = "correct-horse-battery"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@needs("curl")
@needs("bash")
def test_the_five_minutes_with_curl(running: Running, receiver: Receiver, tmp_path: Path) -> None:
    """Only the keys and addresses are replaced by those of the test."""
    (tmp_path / "var").mkdir()
    keys = f"WEBHOOKS_ADMIN_KEY={ADMIN_KEY}\nWEBHOOKS_PRODUCER_KEYS={PRODUCER_KEY}\n"
    (tmp_path / "var/keys.env").write_text(keys)
    *steps, ask = blocks("bash")
    typed = "\n".join([*steps, f"until {ask.strip()} | grep -q delivered; do sleep 0.1; done", ask])
    typed = typed.replace("http://127.0.0.1:8080", running.url).replace(
        "https://127.82.66.1:8443/", receiver.url("/")
    )

    done = subprocess.run(
        [shutil.which("bash") or "", "-e"],
        input=typed,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    registered, event, delivery = [json.loads(line) for line in done.stdout.splitlines()]
    assert registered["status"] == "success"
    assert event["state"] == "queued"
    assert (delivery["hookId"], delivery["state"]) == (event["hookId"], "delivered")
    (call,) = receiver.calls("/ok/social")
    assert call.json["hookId"] == event["hookId"]


def test_the_producers_client(running: Running, customer: Customer, receiver: Receiver) -> None:
    ref_id = customer.profile("client", social=receiver.url("/ok/client"))
    event = {**SAMPLES["social-link"], "refId": ref_id}
    (snippet,) = [block for block in blocks("python") if "webhooks_client" in block]
    names = {"producer_key": PRODUCER_KEY, "ref_id": ref_id, "events": [event] * 3}
    exec(snippet.replace("http://127.0.0.1:8080", running.url), names)  # noqa: S102  the page's own code
    assert len(receiver.wait_for("/ok/client", 4, deadline_seconds=120)) == 4


@pytest.mark.parametrize("language", ["python", pytest.param("js", marks=needs("node"))])
def test_the_verifiers(running: Running, customer: Customer, receiver: Receiver, language: str) -> None:
    path = f"/ok/verified-by-{language}"
    ref_id = customer.profile("verifying", social=receiver.url(path), secret=SECRET)
    running.send({**SAMPLES["social-link"], "refId": ref_id})
    (call,) = receiver.wait_for(path, 1, deadline_seconds=120)
    genuine = _python if language == "python" else _node
    assert genuine(dict(call.headers), call.body, SECRET)
    assert not genuine(dict(call.headers), call.body, "another secret")
    assert not genuine(dict(call.headers), call.body.replace(b"link", b"blink"), SECRET)


def _python(headers: dict[str, str], body: bytes, secret: str) -> bool:
    (snippet,) = [block for block in blocks("python") if "is_genuine" in block]
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102  the page's own code
    return bool(names["is_genuine"](CaseInsensitiveDict(headers), body, secret))


def _node(headers: dict[str, str], body: bytes, secret: str) -> bool:
    (snippet,) = blocks("js")
    lowered = {name.lower(): value for name, value in headers.items()}
    arguments = f"{json.dumps(lowered)}, Buffer.from('{body.hex()}', 'hex'), {json.dumps(secret)}"
    program = f"{snippet}\nconsole.log(isGenuine({arguments}));"
    node = shutil.which("node") or ""
    done = subprocess.run([node, "--input-type=module"], input=program, capture_output=True, text=True, check=True)
    return done.stdout == "true\n"
