"""Signing secrets at rest: encrypted, and bound to the profile that owns them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

#: How long the previous secret signs too after a rotation (contract section 5).
ROTATION_WINDOW = timedelta(hours=24)
#: Decrypted secrets that are kept in memory.
MAX_REMEMBERED = 10_000


class UnreadableSecret(Exception):
    """A stored secret was not sealed for this profile with one of the keys."""


@dataclass(frozen=True)
class Rotation:
    """The replacement of a profile's current secret by a new one.

    Attributes:
        before: the current secret, sealed; None if there must be none.
        after: the new secret, sealed.
        window: the rotation window, in which the secret before signs too.
    """

    before: str | None
    after: str
    window: timedelta


class SecretBox:
    """Seals and opens signing secrets.

    Args:
        keys: Fernet keys. The first one seals and all can open, so a new key is put in front of the old one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(key) for key in keys]
        self._first = fernets[0]
        self._fernet = MultiFernet(fernets)
        # Each call needs a secret, and decrypting it takes longer than signing with it.
        self._open = lru_cache(MAX_REMEMBERED)(partial(_open, self._fernet))

    def seal(self, ref_id: str, secret: str) -> str:
        """Return `secret` encrypted for the profile `ref_id`, as URL-safe text."""
        return self._fernet.encrypt(json.dumps([ref_id, secret]).encode()).decode()

    def open(self, ref_id: str, sealed: str) -> str:
        """Return the secret that was sealed for the profile `ref_id`.

        Raises:
            UnreadableSecret: sealed by another key, tampered with, or sealed for another profile.
        """
        return self._open(ref_id, sealed)

    def open_live(self, ref_id: str, sealed: Sequence[str]) -> list[str]:
        """Return the secrets of the profile `ref_id` that sign now, the current one first.

        A previous secret that cannot be read is left out: the current one must sign anyway.

        Raises:
            UnreadableSecret: the current secret cannot be read.
        """
        opened = [self.open(ref_id, one) for one in sealed[:1]]
        for one in sealed[1:]:
            with suppress(UnreadableSecret):
                opened.append(self.open(ref_id, one))
        return opened

    def rotate(self, ref_id: str, before: str | None, secret: str) -> Rotation | None:
        """Return the rotation of the profile `ref_id` to `secret`; None if that is the current secret already.

        Args:
            before: the current secret, sealed. One that cannot be read gets no rotation window.
        """
        window = timedelta(0)
        if before is not None:
            with suppress(UnreadableSecret):
                if hmac.compare_digest(self.open(ref_id, before).encode(), secret.encode()):
                    return None
                window = ROTATION_WINDOW
        return Rotation(before, self.seal(ref_id, secret), window)

    def reseal(self, ref_id: str, sealed: str) -> str | None:
        """Return a secret of the profile `ref_id`, sealed with the first key; None if it is already.

        Raises:
            UnreadableSecret: as `open` does.
        """
        with suppress(UnreadableSecret):
            _open(self._first, ref_id, sealed)
            return None
        return self.seal(ref_id, self.open(ref_id, sealed))


def _open(fernet: Fernet | MultiFernet, ref_id: str, sealed: str) -> str:
    try:
        owner, secret = json.loads(fernet.decrypt(sealed))
    except (InvalidToken, ValueError):
        raise UnreadableSecret from None
    if owner != ref_id:
        raise UnreadableSecret
    return str(secret)
