"""Fixtures for the tests of `webhooks_local`."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"
