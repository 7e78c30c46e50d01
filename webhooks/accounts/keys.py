"""Bearer keys: made once, shown once, stored as fingerprints."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable


def new_key(kind: str) -> str:
    """Return a fresh key: a readable prefix such as `rb_api_`, then 32 random bytes in URL-safe base64."""
    return f"rb_{kind}_{secrets.token_urlsafe(32)}"


def fingerprint(key: str) -> str:
    """Return the SHA-256 of a key in hex: this is stored instead of the key.

    A key has 256 random bits and cannot be guessed, so a fast hash without salt is enough. Keys are looked up by
    their fingerprints: the time that a look-up takes can reveal something of the hash, but nothing of the key.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def is_one_of(fingerprints: Iterable[str], candidate: str) -> bool:
    """Report whether a fingerprint is one of several, in constant time."""
    return any(hmac.compare_digest(one, candidate) for one in fingerprints)
