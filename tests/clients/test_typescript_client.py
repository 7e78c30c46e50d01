"""The OpenAPI document passes a linter, and a TypeScript client that is made of it compiles and works."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from running import PRODUCER_KEY, Customer, Running
from webhooks_local.receiver import Receiver

PROJECT = Path(__file__).parent / "typescript"

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="Node.js and npm are not installed")


@pytest.fixture(scope="module")
def project(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with its packages, and the types that were generated."""
    copy = tmp_path_factory.mktemp("typescript") / "project"
    shutil.copytree(PROJECT, copy)
    run(copy, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    # A field with a default may be left out of a request; by itself the generator demands it.
    run(
        copy, "npx", "openapi-typescript", str(document), "--output", "api.d.ts", "--default-non-nullable", "false"
    )
    return copy


def run(folder: Path, *command: str) -> str:
    """Run a command and return what it printed; what it says of an error becomes the test's."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_linter_finds_nothing_in_the_document(project: Path, document: Path) -> None:
    run(project, "npx", "redocly", "lint", str(document))


def test_it_compiles_and_its_calls_work(project: Path, running: Running, receiver: Receiver) -> None:
    run(project, "npx", "tsc", "--project", ".")
    customer = Customer(running)
    url = receiver.url("/ok/typescript")
    printed = run(project, "node", "built/calls.js", running.url, customer.key, PRODUCER_KEY, customer.ref_id, url)
    assert json.loads(printed) == {
        "registered": url,
        "one": "queued",
        "many": {"status": "partial", "results": ["queued", 144]},
        "listed": True,
        "shown": True,
        "refused": json.loads(printed)["refused"],
    }
    assert "url" in json.loads(printed)["refused"]
