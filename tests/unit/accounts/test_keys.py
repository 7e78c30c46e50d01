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
def test_a_key_says_its_kind_and_holds_256_bits(kind: str) -> None:
    assert re.fullmatch(rf"rb_{kind}_[\w-]{{43}}", new_key(kind))


def test_a_ref_id_is_forty_hex_characters() -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", new_ref_id())


def test_a_hook_id_is_twenty_emails_and_digits() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{20}", new_hook_id()) for _ in range(100))


@pytest.mark.parametrize("make", [lambda: new_key("api"), new_ref_id, new_hook_id])
def test_no_two_are_alike(make: Callable[[], str]) -> None:
    assert len({make() for _ in range(100)}) == 100


def test_a_fingerprint_is_the_sha256_of_the_key() -> None:
    """With the example of the standard, FIPS 180."""
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def prints(*keys: str) -> list[str]:
    return [fingerprint(key) for key in keys]


@pytest.mark.parametrize("candidate", ["two", "é"])
def test_a_key_that_is_held_is_found(candidate: str) -> None:
    assert is_one_of(prints("one", "two", "é"), fingerprint(candidate))


@pytest.mark.parametrize("candidate", ["", "on", "one,two", "ONE", "three", "é", "\udce9"])
def test_a_key_that_is_not_held_is_not_found(candidate: str) -> None:
    assert not is_one_of(prints("one", "two"), fingerprint(candidate))
    assert not is_one_of([], fingerprint(candidate))


def test_fingerprints_are_compared_in_constant_time() -> None:
    """`==` and `in` would tell by their time how much is right."""
    one, two, three = (UncomparableKey(fingerprint(key)) for key in ("one", "two", "three"))
    assert is_one_of([one, two], two)
    assert not is_one_of([one, two], three)
