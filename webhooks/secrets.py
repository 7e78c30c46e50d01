"""Signing secrets at rest: encrypted, and bound to the profile that owns them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableSecret(Exception):
    """A stored secret was not sealed for this profile by one of the keys."""


class SecretBox:
    """Seals and opens signing secrets.

    Args:
        keys: Fernet keys; the first seals, all open, so a new key can be put in front of an old one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, ref_id: str, secret: str) -> str:
        """Return `secret` encrypted for the profile `ref_id`, as URL-safe text."""
        return self._fernet.encrypt(json.dumps([ref_id, secret]).encode()).decode()

    def open(self, ref_id: str, sealed: str) -> str:
        """Return the secret that was sealed for the profile `ref_id`.

        Raises:
            UnreadableSecret: sealed by another key, tampered with, or sealed for another profile.
        """
        try:
            owner, secret = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError):
            raise UnreadableSecret from None
        if owner != ref_id:
            raise UnreadableSecret
        return str(secret)
