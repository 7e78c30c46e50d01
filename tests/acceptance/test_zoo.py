"""Every misbehaviour of `make zoo`, in short: none does harm, and each ends as expected."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from harness.zoo.behaviours import BEHAVIOURS
from harness_run import Harness

#: The timeout of the whole quick run in seconds.
DEADLINE = 600.0

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="the harness reads Linux' /proc"),
]


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A run that has started."""
    harness = Harness("zoo", tmp_path_factory.mktemp("zoo"), DEADLINE, "--quick")
    yield harness
    harness.stop()


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_harm_is_done_by(zoo: Harness, behaviour: str) -> None:
    result = zoo.result("behaviour", behaviour)
    assert result["wrong"] == [], result
