"""Bearer keys and their fingerprints."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from doubles import UncomparableKey
from webhooks.accounts.account import new_ref_id
from webhooks.accounts.keys import fingerprint, is_one_of, new_key
from webhooks.deliveries.new_delivery import new_hook_id


@pytest.mark.parametrize("kind", ["api", "profile"])
def test_a_key_has_a_prefix_of_its_kind_and_256_bits(kind: str) -> None:
    assert re.fullmatch(rf"rb_{kind}_[\w-]{{43}}", new_key(kind))


def test_a_ref_id_is_forty_hex_characters() -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", new_ref_id())


def test_a_hook_id_is_twenty_letters_and_digits() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{20}", new_hook_id()) for _ in range(100))


@pytest.mark.parametrize("make", [lambda: new_key("api"), new_ref_id, new_hook_id])
def test_generated_keys_and_ids_are_unique(make: Callable[[], str]) -> None:
    assert len({make() for _ in range(100)}) == 100


def test_a_fingerprint_is_the_sha256_of_the_key() -> None:
    """Checked with the example of the standard, FIPS 180."""
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def fingerprints(*keys: str) -> list[str]:
    return [fingerprint(key) for key in keys]


@pytest.mark.parametrize("candidate", ["two", "é"])
def test_the_fingerprint_of_an_accepted_key_is_found(candidate: str) -> None:
    assert is_one_of(fingerprints("one", "two", "é"), fingerprint(candidate))


@pytest.mark.parametrize("candidate", ["", "on", "one,two", "ONE", "three", "é", "\udce9"])
def test_the_fingerprint_of_any_other_key_is_not_found(candidate: str) -> None:
    assert not is_one_of(fingerprints("one", "two"), fingerprint(candidate))
    assert not is_one_of([], fingerprint(candidate))


def test_fingerprints_are_compared_in_constant_time() -> None:
    """The time that `==` and `in` take would reveal how many characters are right."""
    one, two, three = (UncomparableKey(fingerprint(key)) for key in ("one", "two", "three"))
    assert is_one_of([one, two], two)
    assert not is_one_of([one, two], three)
