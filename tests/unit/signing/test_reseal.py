"""Resealing: all secrets are sealed by the first key, while customers go on setting theirs."""

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
def resealing(store: Store) -> Resealer:
    return Resealer(RedisSecrets(store.redis), BOTH)


def profile(store: Store, box: SecretBox, text: str = "canary") -> str:
    """Add a profile with a secret that this box has sealed; returns its refId."""
    ref_id = store.account()
    store.set_secret(ref_id, box.seal(ref_id, text))
    return ref_id


def stored(store: Store, ref_id: str) -> str:
    return str(store.redis.hget(f"profile:{ref_id}", "secret"))


def live(store: Store, ref_id: str) -> list[str]:
    """Return the secrets of a profile that sign, as the new key alone opens them."""
    (sealed,) = RedisSecrets(store.redis).of([ref_id]).values()
    return NEW.open_live(ref_id, sealed)


class ChangedMeanwhile:
    """Sealed secrets that are changed between reading and writing: `webhooks.signing.reseal.SealedSecrets`."""

    def __init__(self, secrets: RedisSecrets, *changes: Callable[[], object]) -> None:
        self._secrets = secrets
        self._changes = list(changes)

    def page_count(self) -> int:
        """Pass on."""
        return self._secrets.page_count()

    def pages(self) -> Iterator[Mapping[str, Sealed]]:
        """Pass on."""
        return self._secrets.pages()

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, Sealed]:
        """Pass on."""
        return self._secrets.of(ref_ids)

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Make the next change, and pass on."""
        if self._changes:
            self._changes.pop(0)()
        return self._secrets.replace(replacements)


def test_what_another_key_sealed_is_sealed_by_the_first(store: Store, resealing: Resealer) -> None:
    ref_ids = {profile(store, OLD, f"secret {number}"): f"secret {number}" for number in range(3)}
    assert resealing.reseal() == Report(resealed=3)
    assert {ref_id: NEW.open(ref_id, stored(store, ref_id)) for ref_id in ref_ids} == ref_ids


def test_what_the_first_key_sealed_is_left_as_it_is(store: Store, resealing: Resealer) -> None:
    profile(store, NEW)
    profile(store, OLD)
    assert resealing.reseal() == Report(resealed=1, already=1)
    before = contents(store.redis)
    assert resealing.reseal() == Report(already=2)
    assert contents(store.redis) == before


def test_what_cannot_be_read_is_reported_and_left_as_it_is(store: Store, resealing: Resealer) -> None:
    """Its key may come back, and a secret of another profile is none of this one's."""
    lost, good, stolen = profile(store, SecretBox([LOST_KEY])), profile(store, OLD), store.account()
    store.set_secret(stolen, OLD.seal(good, "secret"))
    before = {ref_id: stored(store, ref_id) for ref_id in (lost, stolen)}

    report = resealing.reseal()

    assert (report.resealed, report.already, set(report.unreadable)) == (1, 0, {lost, stolen})
    assert {ref_id: stored(store, ref_id) for ref_id in (lost, stolen)} == before


def test_a_secret_that_is_set_meanwhile_stays(store: Store) -> None:
    """Whichever key sealed it: an API that was not restarted yet has the old one in front."""
    one, two, removed = (profile(store, OLD) for _ in range(3))

    def change() -> None:
        store.set_secret(one, OLD.seal(one, "set by an old process"))
        store.set_secret(two, NEW.seal(two, "set by a new process"))
        shop = store.accounts.profile(removed)
        assert shop is not None
        store.accounts.remove_profile(shop)

    def change_again() -> None:
        store.set_secret(one, OLD.seal(one, "set once more"))

    report = Resealer(ChangedMeanwhile(RedisSecrets(store.redis), change, change_again), BOTH).reseal()

    assert report == Report(resealed=3, already=1)
    assert live(store, one) == ["set once more", "set by an old process"]
    assert live(store, two) == ["set by a new process", "canary"]
    assert not store.redis.exists(f"profile:{removed}")


def test_the_secret_before_the_current_one_is_reencrypted_too(store: Store, resealing: Resealer) -> None:
    """It signs for a while, and its key may be dropped meanwhile."""
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, NEW.seal(ref_id, "second"))
    assert resealing.reseal() == Report(resealed=1, already=1)
    assert live(store, ref_id) == ["second", "first"]
    assert resealing.reseal() == Report(already=2)


def test_of_two_secrets_one_that_cannot_be_read_costs_the_other_nothing(store: Store, resealing: Resealer) -> None:
    ref_id, both = profile(store, SecretBox([LOST_KEY]), "first"), profile(store, SecretBox([LOST_KEY]), "first")
    store.set_secret(ref_id, OLD.seal(ref_id, "second"))
    store.set_secret(both, SecretBox([LOST_KEY]).seal(both, "second"))
    report = resealing.reseal()
    assert (report.resealed, report.already, set(report.unreadable)) == (1, 0, {ref_id, both})
    assert len(report.unreadable) == 2
    assert live(store, ref_id) == ["second"]


def test_an_unreadable_secret_does_not_stop_the_previous_one_from_being_reencrypted(
    store: Store, resealing: Resealer
) -> None:
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, "second")
    store.redis.hset(f"profile:{ref_id}", "secret", b"\xff\xfe")
    assert resealing.reseal() == Report(resealed=1, unreadable=[ref_id])
    assert NEW.open(ref_id, store.redis.get(f"oldSecret:{ref_id}")) == "first"


def test_a_grace_that_is_ended_meanwhile_stays_ended(store: Store) -> None:
    ref_id = profile(store, OLD, "first")
    store.set_secret(ref_id, OLD.seal(ref_id, "second"))
    secrets = ChangedMeanwhile(RedisSecrets(store.redis), lambda: store.webhooks.end_rotation_window(ref_id))
    assert Resealer(secrets, BOTH).reseal() == Report(resealed=1)
    assert live(store, ref_id) == ["second"]


def test_progress_is_reported_page_by_page(store: Store, resealing: Resealer) -> None:
    profile(store, OLD)
    told: list[None] = []
    resealing.reseal(on_page=lambda: told.append(None))
    assert len(told) == resealing.page_count() == 1
