"""Each test of the store runs on a pretended Redis and on a real one."""

from __future__ import annotations

import pytest

from stores import Store
from webhooks.store.connection import Client


@pytest.fixture(params=["fake_redis", "real_redis"])
def redis(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(redis: Client) -> Store:
    return Store(redis)
