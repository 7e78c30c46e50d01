"""The headers of a call: the same as the product sends, so that the receiver has the same work."""

from __future__ import annotations

import base64
import hmac


def signed_headers(hook_id: str, attempt: int, body: bytes, key: bytes, timestamp: int) -> dict[str, str]:
    """Return the headers of an attempt, signed in both schemes.

    Args:
        timestamp: Unix seconds of this attempt.
    """
    plain = hmac.digest(key, body, "sha256").hex()
    standard = hmac.digest(key, b"%s.%d.%s" % (hook_id.encode(), timestamp, body), "sha256")
    return {
        "Content-Type": "application/json",
        "X-Webhook-Attempt": str(attempt),
        "X-Authorization-Timestamp": str(timestamp),
        "X-Authorization-Content-SHA256": plain,
        "X-Authorization-Content-SHA256-V2": f"v1={plain}",
        "webhook-id": hook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }
