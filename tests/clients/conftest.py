"""A running system, and its OpenAPI document as a file: what a client generator is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acceptance.conftest import receiver, running
from running import Running

__all__ = ["document", "receiver", "running"]


@pytest.fixture(scope="session")
def document(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_text(json.dumps(running.call("GET", "/api/openapi.json", "").json()))
    return file
