"""Keys and secrets are in Redis, answers and logs only as fingerprints or encrypted."""

from __future__ import annotations

from base64 import b64encode

import pytest
from structlog.testing import capture_logs

from api.conftest import Api, Customer
from doubles import ADMIN_KEY, OTHER_PRODUCER_KEY, PRODUCER_KEY, RecordedIds, contents
from samples import sample
from webhooks.store.connection import Client

SECRETS = ["canary-secret", "whsec_Y2FuYXJ5LXNlY3JldA=="]


def test_keys_and_secrets_are_not_stored_in_plain_text(api: Api, fake_redis: Client) -> None:
    """Whoever reads a copy of the data can neither call nor sign in another's name."""
    customer = api.open_account()
    shop = customer.add_profile()
    customer.register("social", secret=SECRETS[0])
    for secret in reversed(SECRETS):  # the previous secret is kept for a while
        shop.call("POST", "/api/hook/webhook/secret", json={"secret": secret})
    api.send(sample("social-link", shop.ref_id, idempotencyKey="order-7"))
    api.ask(f"action=social&refId={shop.ref_id}")

    stored = str(contents(fake_redis))

    keys = [customer.key, str(shop.profile_key), ADMIN_KEY, PRODUCER_KEY, OTHER_PRODUCER_KEY]
    assert "order-7" in stored  # values that are not secret are found, so the search works
    for secret in [*keys, *SECRETS, *(b64encode(secret.encode()).decode() for secret in SECRETS)]:
        assert secret not in stored


@pytest.mark.parametrize("secret", SECRETS)
def test_no_answer_contains_a_secret(customer: Customer, secret: str) -> None:
    answers = [
        customer.register("social", secret=secret),
        customer.call("POST", "/api/hook/webhook/secret", json={"secret": secret}),
        customer.call("POST", "/api/hook/webhook/secret", json={"secret": "the next"}),
        customer.call("DELETE", "/api/hook/webhook/secret"),
        customer.call("GET", "/api/hook/webhook?allWebhooks=True"),
        customer.register("social", "http://bad.example/", secret=secret),
        customer.call("DELETE", "/api/hook/webhook", json={"action": "social", "secret": secret}),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 200, 400, 200]
    assert not [answer for answer in answers if secret in answer.text]


def test_a_new_key_is_shown_in_one_answer_only(api: Api, customer: Customer) -> None:
    shop = customer.add_profile()
    customer.register("social", secret=SECRETS[0])
    hook_id = api.send(sample("social-link", shop.ref_id)).json["hookId"]
    account = f"/api/admin/accounts/{customer.ref_id}"
    answers = [
        api.operate("GET", account),
        api.operate("PATCH", account, json={"plan": "business"}),
        customer.call("GET", "/api/profiles"),
        shop.call("GET", "/api/hook/webhook"),
        shop.call("GET", f"/api/hook/deliveries/{hook_id}"),
        api.ask(f"action=social&refId={shop.ref_id}"),
        customer.call("DELETE", "/api/hook/webhook", json={"action": "social"}),
        shop.call("DELETE", "/api/profiles"),
    ]
    assert [answer.status for answer in answers] == [200] * len(answers)
    keys = [customer.key, str(shop.profile_key), ADMIN_KEY, PRODUCER_KEY, SECRETS[0]]
    shown = [f"{answer.headers} {answer.text}" for answer in answers]
    assert [key for key in keys if any(key in text for text in shown)] == []


def test_messages_contain_ids_only(api: Api, customer: Customer, publish_ids: RecordedIds) -> None:
    """More people can read a queue than the ledger."""
    customer.register("social", secret=SECRETS[0])
    events = [sample("social-link", customer.ref_id, displayName="canary") for _ in range(3)]
    hook_ids = [result["hookId"] for result in api.send({"events": events}).json["events"]]
    assert publish_ids.published == [(hook_ids, 0.0)]


@pytest.mark.parametrize("place", ["secret", "title", "email", "apiKey", "key"])
def test_an_error_names_a_field_and_does_not_quote_its_value(api: Api, customer: Customer, place: str) -> None:
    body = {place: {"canary": ["canary"]}}
    with capture_logs() as logs:
        answers = [
            customer.call("POST", "/api/hook/webhook", json=body),
            customer.call("POST", "/api/hook/webhook/secret", json=body),
            customer.call("POST", "/api/profiles", json=body),
            api.operate("POST", "/api/admin/accounts", json=body),
            api.send({**body, "action": "canary"}),
            customer.call("POST", "/api/profiles", data=b'{"canary": canary}', content_type="application/json"),
            customer.call("POST", "/api/profiles", data=b"canary", content_type="canary/canary"),
        ]
    assert {answer.status for answer in answers} == {400, 415}
    assert [answer.text for answer in answers if "canary" in answer.text] == []
    assert "canary" not in str(logs)


def test_a_bad_secret_is_not_quoted(customer: Customer) -> None:
    answer = customer.call("POST", "/api/hook/webhook/secret", json={"secret": "whsec_canary!"})
    assert answer.status == 400
    assert "canary" not in answer.text


def test_a_key_is_not_logged_or_quoted(api: Api, customer: Customer) -> None:
    with capture_logs() as logs:
        answers = [
            api.call("GET", "/api/hook/webhook", "canary"),
            customer.call("GET", "/api/hook/webhook", headers={"Profile-Key": "canary"}),
            api.send({}, key="canary"),
        ]
    assert not [answer for answer in answers if "canary" in answer.text or "canary" in str(answer.headers)]
    assert "canary" not in str(logs)
