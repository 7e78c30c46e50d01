"""The service that the client is tested against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripted_service import ScriptedService


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService().running() as running:
        yield running
