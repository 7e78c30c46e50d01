"""Resealing: all secrets are sealed with the first key, while customers may set new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pytest
from cryptography.fernet import Fernet

from doubles import contents
from stores import Store
from webhooks.signing.reseal import Replacement, Report, Resealer, Sealed
from webhooks.signing.secret_box import SecretBox
from webhooks.store.secrets import RedisSecrets

OLD_KEY, NEW_KEY, LOST_KEY = (Fernet.generate_key().decode() for _ in range(3))
OLD, NEW, BOTH = SecretBox([OLD_KEY]), SecretBox([NEW_KEY]), SecretBox([NEW_KEY, OLD_KEY])


@pytest.fixture
def resealer(store: Store) -> Resealer:
    return Resealer(RedisSecrets(store.redis), BOTH)


def profile(store: Store, box: SecretBox, text: str = "canary") -> str:
    """Add a profile with a secret sealed by this box; returns its refId."""
    ref_id = store.account()
    store.set_secret(ref_id, box.seal(ref_id, text))
    return ref_id


def stored(store: Store, ref_id: str) -> str:
    return str(store.redis.hget(f"profile:{ref_id}", "secret"))


def live(store: Store, ref_id: str) -> list[str]:
    """Return the live secrets of a profile, opened with the new key alone."""
    (sealed,) = RedisSecrets(store.redis).of([ref_id]).values()
    return NEW.open_live(ref_id, sealed)


class ConcurrentlyChanged:
    """Sealed secrets that are changed between reading and writing: `webhooks.signing.reseal.SealedSecrets`."""

    def __init__(self, secrets: RedisSecrets, *changes: Callable[[], object]) -> None:
        self._secrets = secrets
        self._changes = list(changes)

    def page_count(self) -> int:
        """Forward the call."""
        return self._secrets.page_count()

    def pages(self) -> Iterator[Mapping[str, Sealed]]:
        """Forward the call."""
        return self._secrets.pages()

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, Sealed]:
        """Forward the call."""
        return self._secrets.of(ref_ids)

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Make the next change, and forward the call."""
        if self._changes:
            self._changes.pop(0)()
        return self._secrets.replace(replacements)


def test_secrets_sealed_with_another_key_are_resealed_with_the_first(store: Store, resealer: Resealer) -> None:
    ref_ids = {profile(store, OLD, f"secret {number}"): f"secret {number}" for number in range(3)}
    assert resealer.reseal() == Report(resealed=3)
    assert {ref_id: NEW.open(ref_id, stored(store, ref_id)) for ref_id in ref_ids} == ref_ids


def test_secrets_sealed_with_the_first_key_are_left_unchanged(store: Store, resealer: Resealer) -> None:
    profile(store, NEW)
    profile(store, OLD)
    assert resealer.reseal() == Report(resealed=1, already=1)
    before = contents(store.redis)
    assert resealer.reseal() == Report(already=2)
    assert contents(store.redis) == before


def test_unreadable_secrets_are_reported_and_left_unchanged(store: Store, resealer: Resealer) -> None:
    """A lost key may be found again; a secret that was sealed for another profile is not this one's."""
    lost, good, stolen = profile(store, SecretBox([LOST_KEY])), profile(store, OLD), store.account()
    store.set_secret(stolen, OLD.seal(good, "secret"))
    before = {ref_id: stored(store, ref_id) for ref_id in (lost, stolen)}

    report = resealer.reseal()

    assert (report.resealed, report.already, set(report.unreadable)) == (1, 0, {lost, stolen})
    assert {ref_id: stored(store, ref_id) for ref_id in (lost, stolen)} == before


def test_a_secret_that_is_set_during_resealing_is_not_overwritten(store: Store) -> None:
    """Whichever key seals it: an API that has not been restarted yet seals with the old key."""
    one, two, removed = (profile(store, OLD) for _ in range(3))

    def change() -> None:
        store.set_secret(one, OLD.seal(one, "set by an old process"))
        store.set_secret(two, NEW.seal(two, "set by a new process"))
        shop = store.accounts.profile(removed)
        assert shop is not None
        store.accounts.remove_profile(shop)

    def change_again() -> None:
        store.set_secret(one, OLD.seal(one, "set again"))

    report = Resealer(ConcurrentlyChanged(RedisSecrets(store.redis), change, change_again), BOTH).reseal()

    assert report == Report(resealed=3, already=1)
    assert live(store, one) == ["set again", "set by an old process"]
    assert live(store, two) == ["set by a new process", "canary"]
    assert not store.redis.exists(f"profile:{removed}")


def test_the_previous_secret_is_resealed_too(store: Store, resealer: Resealer) -> None:
    """It signs for a while, and its key may be removed before that ends."""
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, NEW.seal(ref_id, "second"))
    assert resealer.reseal() == Report(resealed=1, already=1)
    assert live(store, ref_id) == ["second", "first"]
    assert resealer.reseal() == Report(already=2)


def test_an_unreadable_previous_secret_does_not_stop_the_current_one(store: Store, resealer: Resealer) -> None:
    ref_id, both = profile(store, SecretBox([LOST_KEY]), "first"), profile(store, SecretBox([LOST_KEY]), "first")
    store.set_secret(ref_id, OLD.seal(ref_id, "second"))
    store.set_secret(both, SecretBox([LOST_KEY]).seal(both, "second"))
    report = resealer.reseal()
    assert (report.resealed, report.already, set(report.unreadable)) == (1, 0, {ref_id, both})
    assert len(report.unreadable) == 2
    assert live(store, ref_id) == ["second"]


def test_an_unreadable_current_secret_does_not_stop_the_previous_one(store: Store, resealer: Resealer) -> None:
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, "second")
    store.redis.hset(f"profile:{ref_id}", "secret", b"\xff\xfe")
    assert resealer.reseal() == Report(resealed=1, unreadable=[ref_id])
    assert NEW.open(ref_id, store.redis.get(f"oldSecret:{ref_id}")) == "first"


def test_a_rotation_window_that_is_ended_during_resealing_stays_ended(store: Store) -> None:
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, OLD.seal(ref_id, "second"))
    secrets = ConcurrentlyChanged(RedisSecrets(store.redis), lambda: store.webhooks.end_rotation_window(ref_id))
    assert Resealer(secrets, BOTH).reseal() == Report(resealed=1)
    assert live(store, ref_id) == ["second"]


def test_progress_is_reported_page_by_page(store: Store, resealer: Resealer) -> None:
    profile(store, OLD)
    pages: list[None] = []
    resealer.reseal(on_page=lambda: pages.append(None))
    assert len(pages) == resealer.page_count() == 1
