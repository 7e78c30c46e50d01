"""Signatures: test vectors that were made with `openssl dgst -sha256 -mac HMAC`."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from webhooks.signing.signatures import mac_key, signature_headers

HOOK_ID = "aB3dE6gH9jK2mN5pQ8sT"
TIMESTAMP = 1_767_607_200
BODY = '{"action":"social","title":"Bäckerei 🥖","retry":false}'.encode()

PLAIN = "correct-horse-bätteri"
PLAIN_HEX = "6742c4073889dc3ec7bf6255bbb09ba93c5493f1f8ae4629c73bd4dbec1d0424"
PLAIN_BASE64 = "wPiIouQw/kYagrHM3olIpZve0rWkl2xWkE2b2Ik34Eo="

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_HEX = "a8227b38518de2f822c9dc3164f22c7948daa062712600eec34e07bb3b126e15"
STANDARD_BASE64 = "YaaG67/w/71WVcRa1H1A/Y3Fr7bnf0Q0oDDO/R0YPDM="


def headers(*secrets: str) -> dict[str, str]:
    return signature_headers(HOOK_ID, TIMESTAMP, BODY, secrets)


@pytest.mark.parametrize(
    ("secret", "hexadecimal", "base64"),
    [(PLAIN, PLAIN_HEX, PLAIN_BASE64), (STANDARD, STANDARD_HEX, STANDARD_BASE64)],
)
def test_a_call_is_signed_in_both_schemes(secret: str, hexadecimal: str, base64: str) -> None:
    """The key is the secret's UTF-8, or the decoded bytes of a `whsec_` secret, in all three headers."""
    assert headers(secret) == {
        "X-Authorization-Timestamp": "1767607200",
        "X-Authorization-Content-SHA256": hexadecimal,
        "X-Authorization-Content-SHA256-V2": f"v1={hexadecimal}",
        "webhook-id": "aB3dE6gH9jK2mN5pQ8sT",
        "webhook-timestamp": "1767607200",
        "webhook-signature": f"v1,{base64}",
    }


def test_two_live_secrets_both_sign_with_the_current_one_first() -> None:
    """After a rotation. The header for one signature has that of the current secret."""
    signed = headers(STANDARD, PLAIN)
    assert signed["X-Authorization-Content-SHA256"] == STANDARD_HEX
    assert signed["X-Authorization-Content-SHA256-V2"] == f"v1={STANDARD_HEX},v1={PLAIN_HEX}"
    assert signed["webhook-signature"] == f"v1,{STANDARD_BASE64} v1,{PLAIN_BASE64}"


def test_a_receiver_can_verify_with_plain_hmac() -> None:
    """As the public documentation says: hex HMAC-SHA256 of the raw body under the secret."""
    expected = hmac.new(PLAIN.encode(), BODY, hashlib.sha256).hexdigest()
    assert headers(PLAIN)["X-Authorization-Content-SHA256"] == expected


def test_no_secret_means_no_signature_headers() -> None:
    assert headers() == {}


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_",
        "whsec_%%%",
        "whsec_abc",
        "whsec_MfKQ 9r8G",
        "whsec_-_-_",
        "whsec_é",
    ],
)
def test_a_standard_secret_must_hold_base64(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^After whsec_ there must be base64\.$"):
        mac_key(secret)


@pytest.mark.parametrize("secret", ["whsec", "WHSEC_abc", " whsec_abc", "x", "é"])
def test_any_other_secret_is_used_unchanged(secret: str) -> None:
    assert mac_key(secret) == secret.encode()
