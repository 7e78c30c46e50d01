"""The signature headers of a call, in both schemes (contract section 5)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

STANDARD_PREFIX = "whsec_"


def mac_key(secret: str) -> bytes:
    """Return the HMAC key of a secret: its UTF-8 bytes, or the decoded base64 of a `whsec_` secret.

    Raises:
        ValueError: what follows `whsec_` is not base64, or is empty.
    """
    if not secret.startswith(STANDARD_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError(f"After {STANDARD_PREFIX} there must be base64.")
    return key


def signature_headers(hook_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers that let a receiver verify `body`.

    Args:
        hook_id: the delivery's id, signed by the Standard Webhooks scheme.
        timestamp: Unix seconds of this attempt.
        body: the raw body, exactly as it is sent.
        secrets: the live secrets, the current one first; none means no signature headers.
    """
    if not secrets:
        return {}
    keys = [mac_key(secret) for secret in secrets]
    # Not `hmac.digest`: it releases the GIL even for short bodies.
    hexes = [hmac.new(key, body, "sha256").hexdigest() for key in keys]
    signed = b"%s.%d.%s" % (hook_id.encode(), timestamp, body)
    standard = [base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode() for key in keys]
    return {
        "X-Authorization-Timestamp": str(timestamp),
        "X-Authorization-Content-SHA256": hexes[0],
        "X-Authorization-Content-SHA256-V2": ",".join(f"v1={value}" for value in hexes),
        "webhook-id": hook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{value}" for value in standard),
    }
