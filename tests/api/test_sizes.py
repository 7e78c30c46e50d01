"""Values at their maximum are accepted; larger ones are refused by name and do not affect others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.conftest import Api, Customer
from doubles import RecordedIds
from samples import sample
from webhooks.actions import CATALOGUE
from webhooks.deliveries.accept import MAX_EVENT_BYTES
from webhooks.store.connection import Client
from webhooks_api.routes.events import MAX_BATCH_BYTES

TOO_LARGE = {"status": "error", "code": 413, "message": "The event is longer than 262144 bytes as JSON."}


@pytest.fixture(autouse=True)
def _registered(customer: Customer) -> None:
    customer.register("social")


def filled(event: dict[str, Any], size: int) -> dict[str, Any]:
    """Return an event of this many bytes of JSON, most of them in characters of two bytes."""
    event = {**event, "displayName": "", "x": ""}
    missing = size - len(compact(event))
    return {**event, "displayName": "ü" * (missing // 2), "x": "x" * (missing % 2)}


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def stored(redis: Client) -> list[dict[str, Any]]:
    """Return the payloads of all deliveries."""
    return [json.loads(redis.hget(key, "payload") or "") for key in redis.scan_iter("delivery:*")]


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_an_event_has_at_most_256_kilobytes(
    api: Api, customer: Customer, fake_redis: Client, more: int, status: int
) -> None:
    event = compact(filled(sample("social-link", customer.ref_id), MAX_EVENT_BYTES + more))
    assert len(event) == 262_144 + more
    headers = {"Idempotency-Key": "order-7"}
    answer = api.send(None, json=None, data=event, content_type="application/json", headers=headers)
    assert answer.status == status
    assert len(stored(fake_redis)) == (status == 202)


def test_an_event_that_is_too_large_does_not_affect_its_batch(
    api: Api, customer: Customer, fake_redis: Client, publish_ids: RecordedIds
) -> None:
    event = sample("social-link", customer.ref_id)
    events = [event, filled(event, MAX_EVENT_BYTES + 1), filled(event, MAX_EVENT_BYTES), event]
    answer = api.send({"events": events})
    assert answer.status == 202
    assert [answer.json[name] for name in ("status", "accepted", "rejected")] == ["partial", 3, 1]
    assert answer.json["events"][1] == TOO_LARGE
    assert len(stored(fake_redis)) == len(publish_ids.hook_ids) == 3


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_batch_has_at_most_five_megabytes(api: Api, customer: Customer, more: int, status: int) -> None:
    event = filled(sample("social-link", customer.ref_id), 200_000)
    body = compact({"events": [event] * 24})
    body = body[:-1] + b" " * (MAX_BATCH_BYTES + more - len(body)) + body[-1:]
    assert len(body) == 5_000_000 + more
    assert api.send(None, json=None, data=body, content_type="application/json").status == status


@pytest.mark.parametrize(
    "title", ["x" * 255, "🥖" * 255, " ", "\u202eright to left\u202c", "a\u200db", "<b>&amp;"]
)
def test_a_title_is_one_line_of_any_characters(customer: Customer, title: str) -> None:
    """Characters that mark a direction or join others belong to the scripts of the world."""
    customer.add_profile(title)
    assert [shop["title"] for shop in customer.call("GET", "/api/profiles").json["profiles"]] == [title]


@pytest.mark.parametrize(
    "fields",
    [
        {"email": f"{'x' * 241}@acme.example"},
        {"email": "o'ops+webhooks/{7}=!#$%&*?^_`|~-@acme.example"},
        {"email": "ops@xn--bckerei-5wa.example"},
        {"altEmails": [f"{number}@acme.example" for number in range(20)]},
        {"title": "x" * 255},
    ],
)
def test_an_account_with_every_field_at_its_maximum_is_accepted(api: Api, fields: dict[str, Any]) -> None:
    account = {"title": "Acme", "email": "ops@acme.example", "altEmails": [], **fields}
    answer = api.operate("POST", "/api/admin/accounts", json=account)
    assert (answer.status, {name: answer.json[name] for name in account}) == (201, account)


@pytest.mark.parametrize(
    "fields",
    [
        {"url": f"https://hooks.example/{'x' * 2026}"},
        {"secret": "x" * 512},
        {"secret": "\u0000\r\n ü"},
        {"source": "🥖" * 255},
    ],
)
def test_a_webhook_with_every_field_at_its_maximum_is_accepted(customer: Customer, fields: dict[str, Any]) -> None:
    fields = {"url": "https://hooks.example/", **fields}
    assert customer.register("feed", **fields).status == 200
    assert customer.webhooks()["feed"] == fields["url"]


@pytest.mark.parametrize(
    "text",
    [
        r'"\u0000"',
        r'"\u001b[31m\r\nX-Injected: 1"',
        '"\u202e\u2066\u200f\u200d\ufeff\ufffe\U0010ffff"',
        '"\u2028\u2029</script><!--"',
        "-0",
        "-0.0",
        "1e-400",
        "1e308",
        "0.1234567890123456789",
        "12345678901234567890123456789",
        r'{"": {"constructor": {"__proto__": 1}}, "not an identifier \u0000": [], "$where": 1}',
    ],
)
def test_unknown_fields_of_an_event_are_kept(api: Api, customer: Customer, fake_redis: Client, text: str) -> None:
    """The number is stored as Python reads it, as exact as a double."""
    event = compact(sample("social-link", customer.ref_id))[:-1] + b',"x":%s}' % text.encode()
    assert api.send(None, json=None, data=event, content_type="application/json").status == 202
    (payload,) = stored(fake_redis)
    assert repr(payload["x"]) == repr(json.loads(text))


@pytest.mark.parametrize("key", ["x" * 255, "!", "a b", '"quoted"', "order:7", "*", "${jndi:ldap://x}", "~"])
def test_an_idempotency_key_may_have_any_ascii_characters(api: Api, customer: Customer, key: str) -> None:
    event = sample("social-link", customer.ref_id)
    first = api.send(event, headers={"Idempotency-Key": key})
    again = api.send({**event, "idempotencyKey": key})
    assert (again.status, again.json) == (202, {**first.json, "duplicate": True})


def test_an_error_names_a_limited_number_of_fields(api: Api) -> None:
    """Names are cut too, so that an answer is not longer than its request."""
    unknown = {f"{number}{'x' * 5_000}": 1 for number in range(40)}
    answer = api.operate(
        "POST", "/api/admin/accounts", json={"title": "Acme", "email": "a@acme.example", **unknown}
    )
    assert answer.status == 400
    assert len(answer.json["errors"]) == 25
    assert {len(name) for name in answer.json["errors"]} == {100}


@pytest.mark.parametrize("value", [0, [0] * 100, [0] * 1000, {}, [{}] * 100, "x" * 100, None, True], ids=repr)
@pytest.mark.parametrize("action", CATALOGUE)
def test_the_errors_of_a_single_event_are_limited_in_length(
    api: Api, customer: Customer, action: str, value: object
) -> None:
    """It fits into a third of the smallest buffer, so no thread waits until it is read (webhooks_api/server)."""
    for schema in CATALOGUE[action].schemas.values():
        event = {**dict.fromkeys(schema.fields, value), "action": action, "refId": customer.ref_id}
        assert len(api.send(event).text) < 5_000
