"""All sealed secrets: each is found, and none is overwritten after a change."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import contents
from store.conftest import ON_A_REAL_ONE
from stores import Store
from webhooks.signing.reseal import Replacement
from webhooks.store.connection import Client
from webhooks.store.secrets import PAGE, RedisSecrets


@pytest.fixture
def secrets(store: Store) -> RedisSecrets:
    return RedisSecrets(store.redis)


def sealed(store: Store, text: str = "sealed") -> str:
    """Add a profile with a secret; returns its refId."""
    ref_id = store.account()
    store.set_secret(ref_id, text)
    return ref_id


@ON_A_REAL_ONE
def test_every_secret_is_found_once_among_many_keys(store: Store, secrets: RedisSecrets) -> None:
    with store.redis.pipeline() as pipeline:
        for number in range(3 * PAGE):
            pipeline.hset(f"delivery:{number}", "payload", "{}")
            pipeline.hset(f"profile:{number}", "secret", f"sealed {number}")
        pipeline.execute()

    pages = list(secrets.pages())

    assert len(pages) > 1
    assert sum(len(page) for page in pages) == 3 * PAGE
    assert {ref_id: text for page in pages for ref_id, text in page.items()} == {
        str(number): (f"sealed {number}",) for number in range(3 * PAGE)
    }
    assert secrets.page_count() == 6


class ScanningTwice:
    """A client whose scans return every key twice, as they may while the server shrinks its table."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    def scan(self, cursor: int, **options: Any) -> tuple[int, list[str]]:
        """Yield everything twice."""
        return (1 if cursor == 0 else 0), list(self._redis.scan_iter(options["match"]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._redis, name)


def test_a_secret_that_a_scan_repeats_is_returned_once(store: Store) -> None:
    ref_id = sealed(store)
    assert list(RedisSecrets(ScanningTwice(store.redis)).pages()) == [{ref_id: ("sealed",)}, {}]


def test_a_profile_without_a_secret_is_skipped(store: Store, secrets: RedisSecrets) -> None:
    """Everything else in Redis is ignored."""
    profile = store.account(social="https://hooks.example/")
    store.owed(profile)
    store.redis.set("profile:what-somebody-else-wrote", "text")
    with_secret = sealed(store)
    assert [page for page in secrets.pages() if page] == [{with_secret: ("sealed",)}]
    assert secrets.of([profile, with_secret, "f" * 40]) == {with_secret: ("sealed",)}


def test_an_empty_store_has_no_secrets(secrets: RedisSecrets) -> None:
    assert [page for page in secrets.pages() if page] == []
    assert secrets.page_count() == 0


def test_a_secret_replaces_the_previous_one(store: Store, secrets: RedisSecrets) -> None:
    one, two = sealed(store, "one"), sealed(store, "two")
    replacements = [Replacement(one, ("one",), ("one anew",)), Replacement(two, ("two",), ("two anew",))]
    assert secrets.replace(replacements) == [True, True]
    assert secrets.of([one, two]) == {one: ("one anew",), two: ("two anew",)}


def test_the_previous_secret_follows_the_current_one(store: Store, secrets: RedisSecrets) -> None:
    """It is replaced with the current one, and does not sign for longer."""
    ref_id = sealed(store, "first")
    store.set_secret(ref_id, "second")
    store.redis.pexpire(f"oldSecret:{ref_id}", 60_000)
    assert next(secrets.pages()) == secrets.of([ref_id]) == {ref_id: ("second", "first")}

    assert secrets.replace([Replacement(ref_id, ("second", "first"), ("second anew", "first anew"))]) == [True]

    assert secrets.of([ref_id]) == {ref_id: ("second anew", "first anew")}
    assert 0 < store.redis.pttl(f"oldSecret:{ref_id}") <= 60_000


def test_neither_secret_is_overwritten_if_one_has_changed(store: Store, secrets: RedisSecrets) -> None:
    rotated, alone, forgotten = (sealed(store, "first") for _ in range(3))
    for ref_id in (rotated, forgotten):
        store.set_secret(ref_id, "second")
    store.webhooks.end_rotation_window(forgotten)
    before = contents(store.redis)

    done = secrets.replace(
        [
            Replacement(rotated, ("first",), ("first anew",)),
            Replacement(rotated, ("second",), ("second anew",)),
            Replacement(alone, ("first", "zeroth"), ("first anew", "zeroth anew")),
            Replacement(forgotten, ("second", "first"), ("second anew", "first anew")),
        ]
    )

    assert done == [False] * 4
    assert contents(store.redis) == before


def test_a_secret_that_has_changed_is_not_overwritten(store: Store, secrets: RedisSecrets) -> None:
    changed, removed, left = sealed(store, "before"), store.account(), sealed(store, "before")
    store.set_secret(changed, "the customer's new one")
    before = contents(store.redis)

    ref_ids = [changed, removed, "f" * 40, left]
    done = secrets.replace([Replacement(ref_id, ("before",), ("after",)) for ref_id in ref_ids])

    assert done == [False, False, False, True]
    after = contents(store.redis)
    assert after.pop(f"profile:{left}")["secret"] == "after"
    assert before.pop(f"profile:{left}")["secret"] == "before"
    assert after == before
