"""Keys and secrets appear in Redis, in answers and in the log only as fingerprints, or encrypted."""

from __future__ import annotations

from base64 import b64encode

import pytest
from structlog.testing import capture_logs

from api.conftest import Api, Customer
from doubles import ADMIN_KEY, OTHER_PRODUCER_KEY, PRODUCER_KEY, contents
from samples import sample
from webhooks.store.connection import Client

SECRETS = ["canary-secret", "whsec_Y2FuYXJ5LXNlY3JldA=="]


def test_nothing_secret_is_stored_in_the_clear(api: Api, fake_redis: Client) -> None:
    """Whoever reads a copy of the data can neither call in anybody's name nor sign."""
    customer = api.open_account()
    shop = customer.add_profile()
    customer.register("social", secret=SECRETS[0])
    shop.call("POST", "/api/hook/webhook/secret", json={"secret": SECRETS[1]})
    api.send(sample("social-link", shop.ref_id, idempotencyKey="order-7"))
    api.ask(f"action=social&refId={shop.ref_id}")

    stored = str(contents(fake_redis))

    keys = [customer.key, str(shop.profile_key), ADMIN_KEY, PRODUCER_KEY, OTHER_PRODUCER_KEY]
    assert "order-7" in stored  # what is not secret can be seen: the search would find the rest
    for secret in [*keys, *SECRETS, *(b64encode(secret.encode()).decode() for secret in SECRETS)]:
        assert secret not in stored


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_never_answered(customer: Customer, secret: str) -> None:
    answers = [
        customer.register("social", secret=secret),
        customer.call("POST", "/api/hook/webhook/secret", json={"secret": secret}),
        customer.call("GET", "/api/hook/webhook?allWebhooks=True"),
        customer.register("social", "http://bad.example/", secret=secret),
        customer.call("DELETE", "/api/hook/webhook", json={"action": "social", "secret": secret}),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 400, 200]
    assert not [answer for answer in answers if secret in answer.text]


def test_a_bad_secret_is_not_repeated(customer: Customer) -> None:
    answer = customer.call("POST", "/api/hook/webhook/secret", json={"secret": "whsec_canary!"})
    assert answer.status == 400
    assert "canary" not in answer.text


def test_a_key_is_not_logged_or_repeated(api: Api, customer: Customer) -> None:
    with capture_logs() as logs:
        answers = [
            api.call("GET", "/api/hook/webhook", "canary"),
            customer.call("GET", "/api/hook/webhook", headers={"Profile-Key": "canary"}),
            api.send({}, key="canary"),
        ]
    assert not [answer for answer in answers if "canary" in answer.text or "canary" in str(answer.headers)]
    assert "canary" not in str(logs)
