"""Fixtures of the tests of feeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unit.feeds.poll_scene import (
    Scene,
)
from webhooks.store.connection import Client


@pytest.fixture
def scene(fake_redis: Client) -> Iterator[Scene]:
    scene = Scene(fake_redis)
    yield scene
    scene.feed_poller.close(5)
