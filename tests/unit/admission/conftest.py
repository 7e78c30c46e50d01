"""Fixtures of the tests of admission."""

from __future__ import annotations

import pytest

from unit.admission.admission_scene import (
    Worker,
)


@pytest.fixture
def worker() -> Worker:
    return Worker()
