"""Signing secrets at rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import fernet_key
from webhooks.signing.secret_box import SecretBox, UnreadableSecret

OLD_KEY, NEW_KEY = (fernet_key(seed) for seed in (1, 2))
REF_ID = "a" * 40


@pytest.mark.parametrize("secret", ["correct-horse-bätteri 🥖", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '"],["'])
def test_a_sealed_secret_opens_for_its_own_profile(secret: str) -> None:
    box = SecretBox([OLD_KEY])
    sealed = box.seal(REF_ID, secret)
    assert secret not in sealed
    assert box.open(REF_ID, sealed) == secret


def test_a_sealed_secret_does_not_open_for_another_profile() -> None:
    """Even if it was copied from one record to another in Redis."""
    box = SecretBox([OLD_KEY])
    with pytest.raises(UnreadableSecret):
        box.open("b" * 40, box.seal(REF_ID, "secret"))


def test_sealing_a_secret_twice_gives_different_texts() -> None:
    box = SecretBox([OLD_KEY])
    assert box.seal(REF_ID, "secret") != box.seal(REF_ID, "secret")


def test_a_secret_sealed_with_an_old_key_opens_after_a_new_key_is_added() -> None:
    sealed = SecretBox([OLD_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY, OLD_KEY]).open(REF_ID, sealed) == "secret"


def test_secrets_are_sealed_with_the_first_key() -> None:
    """So the old key can be removed when all secrets have been resealed."""
    sealed = SecretBox([NEW_KEY, OLD_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY]).open(REF_ID, sealed) == "secret"


def test_a_secret_whose_key_was_removed_does_not_open() -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY]).open(REF_ID, SecretBox([OLD_KEY]).seal(REF_ID, "secret"))


@pytest.mark.parametrize("damaged", ["", "not sealed at all", "gAAAAA==", "é"])
def test_a_damaged_secret_does_not_open(damaged: str) -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([OLD_KEY]).open(REF_ID, damaged)


def test_a_secret_sealed_with_another_key_is_resealed_with_the_first() -> None:
    sealed = SecretBox([OLD_KEY]).seal(REF_ID, "secret")
    resealed = SecretBox([NEW_KEY, OLD_KEY]).reseal(REF_ID, sealed)
    assert resealed is not None
    assert SecretBox([NEW_KEY]).open(REF_ID, resealed) == "secret"


def test_a_secret_sealed_with_the_first_key_needs_no_resealing() -> None:
    sealed = SecretBox([NEW_KEY]).seal(REF_ID, "secret")
    assert SecretBox([NEW_KEY, OLD_KEY]).reseal(REF_ID, sealed) is None


@pytest.mark.parametrize("key", [OLD_KEY, NEW_KEY])
def test_a_secret_sealed_for_another_profile_is_not_resealed(key: str) -> None:
    """Resealing it would give it to this profile."""
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY, OLD_KEY]).reseal("b" * 40, SecretBox([key]).seal(REF_ID, "secret"))


def test_a_secret_whose_key_was_removed_is_not_resealed() -> None:
    with pytest.raises(UnreadableSecret):
        SecretBox([NEW_KEY]).reseal(REF_ID, SecretBox([OLD_KEY]).seal(REF_ID, "secret"))


def test_the_current_secret_is_the_first_of_the_live_ones() -> None:
    box = SecretBox([NEW_KEY, OLD_KEY])
    sealed = [box.seal(REF_ID, "second"), SecretBox([OLD_KEY]).seal(REF_ID, "first")]
    assert box.open_live(REF_ID, sealed) == ["second", "first"]
    assert box.open_live(REF_ID, []) == []


def test_an_unreadable_current_secret_is_an_error_but_a_previous_one_is_left_out() -> None:
    """Otherwise the previous secret alone would sign, also for receivers that have switched to the current one."""
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


def test_setting_the_current_secret_needs_no_rotation() -> None:
    box = SecretBox([NEW_KEY])
    assert box.rotate(REF_ID, box.seal(REF_ID, "secret, ünicode"), "secret, ünicode") is None


@pytest.mark.parametrize("before", [None, "damaged", SecretBox([OLD_KEY]).seal(REF_ID, "second")])
def test_a_missing_or_unreadable_secret_gets_no_rotation_window(before: str | None) -> None:
    rotation = SecretBox([NEW_KEY]).rotate(REF_ID, before, "second")
    assert rotation is not None
    assert (rotation.before, rotation.window) == (before, timedelta(0))
