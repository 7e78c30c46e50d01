"""Bearer keys and their fingerprints."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from doubles import UncomparableKey
from webhooks.accounts import new_ref_id
from webhooks.deliveries import new_hook_id
from webhooks.keys import fingerprint, holds, new_key


@pytest.mark.parametrize("kind", ["api", "profile"])
def test_a_key_tells_its_kind_and_holds_256_bits(kind: str) -> None:
    assert re.fullmatch(rf"rb_{kind}_[\w-]{{43}}", new_key(kind))


def test_a_ref_id_is_forty_hex_characters() -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", new_ref_id())


def test_a_hook_id_is_twenty_letters_and_digits() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{20}", new_hook_id()) for _ in range(100))


@pytest.mark.parametrize("make", [lambda: new_key("api"), new_ref_id, new_hook_id])
def test_no_two_are_alike(make: Callable[[], str]) -> None:
    assert len({make() for _ in range(100)}) == 100


def test_a_fingerprint_is_the_sha256_of_the_key() -> None:
    """With the example of the standard, FIPS 180."""
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("candidate", ["two", "é"])
def test_a_key_that_is_held_is_found(candidate: str) -> None:
    assert holds(["one", "two", "é"], candidate)


@pytest.mark.parametrize("candidate", ["", "on", "one,two", "ONE", "three", "é", "\udce9"])
def test_a_key_that_is_not_held_is_not_found(candidate: str) -> None:
    assert not holds(["one", "two"], candidate)
    assert not holds([], candidate)


def test_keys_are_compared_in_constant_time() -> None:
    """By a digest of their fingerprints; `==` and `in` would tell by their time how much is right."""
    keys = [UncomparableKey("one"), UncomparableKey("two")]
    assert holds(keys, UncomparableKey("two"))
    assert not holds(keys, UncomparableKey("three"))
