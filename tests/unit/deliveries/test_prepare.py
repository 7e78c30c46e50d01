"""The body and the headers of a call (contract section 5)."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from msgspec.structs import replace

from webhooks.accounts.plans import Subscription
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import State
from webhooks.deliveries.payload import compact
from webhooks.deliveries.prepare import Ready, call_for, prepare
from webhooks.http.call import Failure
from webhooks.http.destinations import read_url
from webhooks.signing.secret_box import SecretBox

URL = "https://hooks.example/ringback"
DESTINATION = read_url(URL)
HOOK_ID = "aB3dE6gH9jK2mN5pQ8sT"


def claim(action: str = "social", number: int = 1, retry: bool = False, **payload: Any) -> Claim:
    fields = {"action": action, "refId": "a" * 40, "hookId": HOOK_ID, "created": "2026-01-05T10:00:00Z"}
    return Claim(
        hook_id=HOOK_ID,
        token="0" * 16,
        number=number,
        retry=retry,
        began=datetime(2026, 1, 5, 10, 0, 0, 999_999, tzinfo=UTC),
        action=action,
        profile="a" * 40,
        account="c" * 40,
        owner="b" * 40,
        title="Zoë's shop",
        payload=compact({**fields, "code": 200, **payload}),
        destination=DESTINATION,
        sealed_secrets=(),
        platform=None,
        subscription=Subscription("business"),
        created=datetime(2026, 1, 5, 10, 0, 0, tzinfo=UTC),
    )


def test_the_body_is_the_event_with_title_url_and_retry() -> None:
    call = call_for(claim(type="link", platform="x"), DESTINATION, [])
    assert call.url == URL
    assert json.loads(call.body) == {
        "action": "social",
        "refId": "a" * 40,
        "hookId": HOOK_ID,
        "created": "2026-01-05T10:00:00Z",
        "code": 200,
        "type": "link",
        "platform": "x",
        "title": "Zoë's shop",
        "url": URL,
        "retry": False,
    }


def test_the_body_is_compact_and_in_utf8() -> None:
    body = call_for(claim(text="Bäckerei 🥖"), DESTINATION, []).body
    assert '"text":"Bäckerei 🥖","title":"Zoë\'s shop"'.encode() in body
    assert b'": ' not in body
    assert b', "' not in body


@pytest.mark.parametrize(("number", "retry"), [(1, False), (1, True), (2, True), (3, True)])
def test_each_attempt_has_its_number_and_the_retry_flag(number: int, retry: bool) -> None:
    """An interrupted attempt is repeated with its number, as a retry."""
    call = call_for(claim(number=number, retry=retry), DESTINATION, [])
    assert call.headers["X-Webhook-Attempt"] == str(number)
    assert json.loads(call.body)["retry"] is retry


def test_a_call_without_a_secret_has_no_signature_headers() -> None:
    assert call_for(claim(), DESTINATION, []).headers == {
        "Content-Type": "application/json",
        "X-Webhook-Attempt": "1",
    }


def test_a_call_with_a_secret_has_exactly_the_headers_of_the_contract() -> None:
    """Signed over the exact bytes of the body, with the second in which the attempt started."""
    call = call_for(claim(), DESTINATION, ["new", "old"])
    new, old = (hmac.new(secret, call.body, "sha256").hexdigest() for secret in (b"new", b"old"))
    signed = b"aB3dE6gH9jK2mN5pQ8sT.1767607200." + call.body
    standard = [b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in (b"new", b"old")]
    assert call.headers == {
        "Content-Type": "application/json",
        "X-Webhook-Attempt": "1",
        "X-Authorization-Timestamp": "1767607200",
        "X-Authorization-Content-SHA256": new,
        "X-Authorization-Content-SHA256-V2": f"v1={new},v1={old}",
        "webhook-id": "aB3dE6gH9jK2mN5pQ8sT",
        "webhook-timestamp": "1767607200",
        "webhook-signature": f"v1,{standard[0]} v1,{standard[1]}",
    }


def test_the_url_of_a_batch_is_that_of_its_file() -> None:
    """It is pre-signed, and never overwritten."""
    file = "https://files.example.com/1.csv?signature=0f"
    call = call_for(claim("batch", url=file), DESTINATION, [])
    assert json.loads(call.body)["url"] == file
    assert call.url == URL


def test_a_malformed_payload_is_not_sent() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        call_for(replace(claim(), payload="damaged"), DESTINATION, [])


def test_a_changed_url_is_called_and_sent() -> None:
    call = call_for(claim(), read_url("https://moved.example/"), [])
    assert (call.url, json.loads(call.body)["url"]) == (
        "https://moved.example/",
        "https://moved.example/",
    )


RETRY_DELAYS = (5.0, 30.0)


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([Fernet.generate_key().decode()])


def test_a_claim_with_a_webhook_becomes_a_signed_call(box: SecretBox) -> None:
    sealed = box.seal("b" * 40, "current")
    ready = prepare(replace(claim(), sealed_secrets=(sealed,)), box, RETRY_DELAYS)
    assert isinstance(ready, Ready)
    assert ready.call == call_for(ready.claim, DESTINATION, ["current"])
    assert (ready.key, ready.account) == (ready.claim.key, "c" * 40)
    assert (ready.host, ready.url) == ("hooks.example:443", URL)


def test_a_claim_whose_webhook_was_removed_ends_as_canceled(box: SecretBox) -> None:
    canceled = replace(claim(), destination=None)
    assert prepare(canceled, box, RETRY_DELAYS) == Entry(canceled, State.CANCELED)


def test_a_claim_that_the_plan_does_not_include_ends_as_not_entitled(box: SecretBox) -> None:
    lost = replace(claim(), subscription=Subscription("free"))
    assert prepare(lost, box, RETRY_DELAYS) == Entry(lost, State.NOT_ENTITLED)


def test_an_unreadable_secret_fails_the_attempt_and_makes_no_call(box: SecretBox) -> None:
    entry = prepare(replace(claim(), sealed_secrets=("of another key",)), box, RETRY_DELAYS)
    assert isinstance(entry, Entry)
    assert (entry.state, entry.delay) == (State.RETRYING, 5.0)
    assert entry.attempt is not None
    assert entry.attempt.outcome.failure is Failure.SIGNING
