"""Each test of the store runs on fakeredis and on a real Redis."""

from __future__ import annotations

import pytest

from stores import Store
from webhooks.store.connection import Client

#: Marks a test that stores so much that fakeredis would take long.
ON_A_REAL_ONE = pytest.mark.parametrize("redis", ["real_redis"], indirect=True)


@pytest.fixture(params=["fake_redis", "real_redis"])
def redis(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(redis: Client) -> Store:
    return Store(redis)
