"""A call as a receiver got it, and the verification of its signatures.

The code that signs is not used here: this implements the contract as a customer would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from webhooks_client.exact_json import loads


@dataclass(frozen=True)
class Call:
    """One HTTP request as it was received.

    Attributes:
        path: with the query, if there is one.
        method: in capitals.
        headers: (name, value) pairs in their original order and spelling.
        body: the raw bytes.
        received: the time at which the body had been read, in seconds since 1970.
    """

    path: str
    method: str
    headers: list[tuple[str, str]]
    body: bytes
    received: float

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whose name is not case-sensitive; None if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body as a JSON value.

        Raises:
            ValueError: it is not JSON, or nested too deeply.
        """
        try:
            return loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def verify(call: Call, secret: str) -> bool:
    """Return whether `call` has a valid signature under `secret` in each of the two schemes.

    During a rotation, for 24 hours, this is true for the new secret and for the old one.
    """
    return all(verify_each(call, secret).values())


def verify_each(call: Call, secret: str) -> dict[str, bool]:
    """Return whether each of the two schemes has a valid signature under `secret`, by the name of the header.

    Raises:
        ValueError: the secret is malformed: what follows `whsec_` is not base64.
    """
    key = base64.b64decode(secret[len("whsec_") :]) if secret.startswith("whsec_") else secret.encode()
    hex_mac = hmac.new(key, call.body, hashlib.sha256).hexdigest()
    hex_macs = (call.header("X-Authorization-Content-SHA256-V2") or "").split(",")
    signed = f"{call.header('webhook-id')}.{call.header('webhook-timestamp')}.".encode() + call.body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "X-Authorization-Content-SHA256": (
            hex_macs[0] == f"v1={call.header('X-Authorization-Content-SHA256')}"
            and _is_among(f"v1={hex_mac}", hex_macs)
        ),
        "webhook-signature": _is_among(f"v1,{mac}", (call.header("webhook-signature") or "").split()),
    }


def _is_among(expected: str, given: list[str]) -> bool:
    # compare_digest takes the same time wherever two strings differ, so timing reveals nothing to an attacker.
    return any(hmac.compare_digest(expected.encode(), candidate.encode()) for candidate in given)
