"""Verification of signatures, as a customer would implement it."""

from __future__ import annotations

import dataclasses

import pytest

from webhooks_local.receiver.calls import Call, verify

# Made with openssl, which shares no code with either side:
#   printf %s "$BODY"       | openssl dgst -sha256 -mac HMAC -macopt key:correct-horse
#   printf %s "$ID.$T.$BODY" | openssl dgst -sha256 -mac HMAC -macopt key:correct-horse -binary | base64
BODY = b'{"action":"social","retry":false}'
HEX = "25f24581a1ade40f4ff4904ea4260304dc2ae17b9d2f453b2f9d1b1e09faeb99"
BASE64 = "UmuOFiH+x2bdOncrilhSkkD/fCStMR88Ul8XvtrI7vs="
CALL = Call(
    path="/ok/one",
    method="POST",
    headers=[
        ("Content-Type", "application/json"),
        ("X-Authorization-Timestamp", "1767575927"),
        ("X-Authorization-Content-SHA256", HEX),
        ("X-Authorization-Content-SHA256-V2", f"v1={HEX}"),
        ("webhook-id", "aB3dE6gH9jK2mN5pQ8sT"),
        ("webhook-timestamp", "1767575927"),
        ("webhook-signature", f"v1,{BASE64}"),
    ],
    body=BODY,
    received=1767575927.5,
)


def test_a_signed_call_verifies() -> None:
    assert verify(CALL, "correct-horse")


def test_a_whsec_secret_is_decoded_first() -> None:
    """The key is the bytes that the base64 after `whsec_` encodes."""
    assert verify(CALL, "whsec_Y29ycmVjdC1ob3JzZQ==")


def test_another_secret_or_body_does_not_verify() -> None:
    assert not verify(CALL, "battery-staple")
    assert not verify(dataclasses.replace(CALL, body=BODY + b" "), "correct-horse")


@pytest.mark.parametrize("name", [name for name, _ in CALL.headers if name.startswith(("X-", "webhook-"))])
def test_every_signature_header_is_needed(name: str) -> None:
    """A call must be signed in both schemes."""
    remaining = [(key, value) for key, value in CALL.headers if key != name]
    expected = name == "X-Authorization-Timestamp"  # no signature covers this header
    assert verify(dataclasses.replace(CALL, headers=remaining), "correct-horse") is expected


def test_after_a_rotation_the_old_secret_still_verifies() -> None:
    """For 24 hours the headers contain both signatures, the new one first."""
    rotated = {
        "X-Authorization-Content-SHA256": "0" * 64,
        "X-Authorization-Content-SHA256-V2": f"v1={'0' * 64},v1={HEX}",
        "webhook-signature": f"v1,{'A' * 43}= v1,{BASE64}",
    }
    headers = [(name, rotated.get(name, value)) for name, value in CALL.headers]
    assert verify(dataclasses.replace(CALL, headers=headers), "correct-horse")


def test_a_header_is_found_in_any_case() -> None:
    assert CALL.header("WEBHOOK-ID") == "aB3dE6gH9jK2mN5pQ8sT"
    assert CALL.header("X-Nothing") is None


def test_the_body_is_read_as_json() -> None:
    assert CALL.json == {"action": "social", "retry": False}
