"""Secrets at rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import fernet_key
from webhooks.signing.secret_box import SecretBox, UnreadableSecret

OLD_KEY, NEW_KEY = (fernet_key(seed) for seed in (1, 2))
REF_ID = "a" * 40


@pytest.mark.parametrize("secret", ["correct-horse-bätteri 🥖", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '"],["'])
def test_a_secret_comes_back_to_the_profile_that_owns_it(secret: str) -> None:
    box = SecretBox([OLD_KEY])
    sealed = box.seal(REF_ID, secret)
    assert secret not in sealed
    assert box.open(REF_ID, sealed) == secret


def test_a_secret_of_another_profile_stays_closed() -> None:
    """Even if it was copied from one record to another in Redis."""
    box = SecretBox([OLD_KEY])
    with pytest.raises(UnreadableSecret):
        box.open("b" * 40, box.seal(REF_ID, "secret"))


def test_the_same_secret_never_looks_the_same() -> None:
    box = SecretBox([OLD_KEY])
    assert box.seal(REF_ID, "secret") != box.seal(REF_ID, "secret")


def test_a_new_key_in_front_opens_what_the_old_one_sealed() -> None:
    sealed = SecretBox([OLD_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY, OLD_KEY]).open(REF_ID, sealed) == "secret"


def test_the_first_key_seals() -> None:
    """So the old key can be dropped once all secrets have been set again."""
    sealed = SecretBox([NEW_KEY, OLD_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY]).open(REF_ID, sealed) == "secret"


def test_a_secret_whose_key_is_gone_stays_closed() -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY]).open(REF_ID, SecretBox([OLD_KEY]).seal(REF_ID, "secret"))


@pytest.mark.parametrize("damaged", ["", "not sealed at all", "gAAAAA==", "é"])
def test_a_damaged_secret_stays_closed(damaged: str) -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([OLD_KEY]).open(REF_ID, damaged)


def test_what_another_key_sealed_is_reencrypted_by_the_first() -> None:
    sealed = SecretBox([OLD_KEY]).seal(REF_ID, "secret")
    resealed = SecretBox([NEW_KEY, OLD_KEY]).reseal(REF_ID, sealed)
    assert resealed is not None
    assert SecretBox([NEW_KEY]).open(REF_ID, resealed) == "secret"


def test_what_the_first_key_sealed_needs_no_resealing() -> None:
    sealed = SecretBox([NEW_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY, OLD_KEY]).reseal(REF_ID, sealed) is None


@pytest.mark.parametrize("key", [OLD_KEY, NEW_KEY])
def test_a_secret_of_another_profile_is_not_reencrypted(key: str) -> None:
    """It would be this one's from then on."""
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY, OLD_KEY]).reseal("b" * 40, SecretBox([key]).seal(REF_ID, "secret"))


def test_a_secret_whose_key_is_gone_is_not_reencrypted() -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY]).reseal(REF_ID, SecretBox([OLD_KEY]).seal(REF_ID, "secret"))


def test_of_the_live_secrets_the_current_one_comes_first() -> None:
    box = SecretBox([NEW_KEY, OLD_KEY])
    sealed = [box.seal(REF_ID, "second"), SecretBox([OLD_KEY]).seal(REF_ID, "first")]
    assert box.open_live(REF_ID, sealed) == ["second", "first"]
    assert box.open_live(REF_ID, []) == []


def test_a_current_secret_that_cannot_be_read_is_not_left_out() -> None:
    """The one before it alone would sign for receivers that have changed over."""
    box = SecretBox([NEW_KEY])
    readable, lost = box.seal(REF_ID, "first"), SecretBox([OLD_KEY]).seal(REF_ID, "second")
    with pytest.raises(UnreadableSecret):
        box.open_live(REF_ID, [lost, readable])
    assert box.open_live(REF_ID, [readable, lost]) == ["first"]


def test_a_rotation_replaces_the_stored_secret() -> None:
    box = SecretBox([NEW_KEY])
    before = box.seal(REF_ID, "first")
    rotation = box.rotate(REF_ID, before, "second")
    assert rotation is not None
    assert (rotation.before, rotation.window) == (before, timedelta(hours=24))
    assert box.open(REF_ID, rotation.after) == "second"


def test_the_secret_that_is_there_needs_no_rotation() -> None:
    box = SecretBox([NEW_KEY])
    assert box.rotate(REF_ID, box.seal(REF_ID, "secret, ünicode"), "secret, ünicode") is None


@pytest.mark.parametrize("before", [None, "damaged", SecretBox([OLD_KEY]).seal(REF_ID, "second")])
def test_what_cannot_sign_has_no_grace(before: str | None) -> None:
    rotation = SecretBox([NEW_KEY]).rotate(REF_ID, before, "second")
    assert rotation is not None
    assert (rotation.before, rotation.window) == (before, timedelta(0))
