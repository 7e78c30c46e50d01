"""The numbers of an event reach the receiver and the history exactly as written (contract section 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from api.conftest import Api, Customer
from doubles import OK, PRODUCER_KEY
from samples import SAMPLES, sample
from stores import Store
from webhooks.actions.shapes import Shape
from webhooks.deliveries.delivery import State
from webhooks.deliveries.payload import body_of
from webhooks.store.connection import Client

HISTORY = "/api/hook/history"
URL = "https://hooks.example/"

#: Numbers that a double cannot hold, and numbers that it would write differently.
NUMBERS = [
    "12345678901234567890.12",
    "123456789.1234567890",
    "0.1000000000000000055511151231257827",
    "1e-400",
    "-1e-400",
    "100000000000000000000",
    "9007199254740993",
    "9" * 308,
    "-0",
    "-0.0",
    "0.0",
    "0e0",
    "1.0",
    "1.10",
    "1E5",
    "1e5",
    "1e+05",
    "1e16",
    "1.5E-7",
    "0.00001",
    "1.7976931348623157e308",
]


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The store of the API."""
    return Store(fake_redis)


def numbers_in(text: str) -> dict[str, str]:
    """Return the numbers of a JSON text by name, as they are written, which a JSON parser would convert."""
    return dict(re.findall(r'"(n\d+)": ?([^,\]}\s"]+)', text))


def written(event: dict[str, Any], **more: str) -> str:
    """Return an event as JSON, with additional fields that are JSON already."""
    fields = [f"{json.dumps(name)}: {value}" for name, value in more.items()]
    return ", ".join([json.dumps(event)[:-1], *fields]) + "}"


def send(api: Api, text: str) -> Any:
    answer = api.call("POST", "/api/events", PRODUCER_KEY, data=text, content_type="application/json")
    assert answer.status == 202, answer.text
    return answer.json


@pytest.fixture
def numbers() -> dict[str, str]:
    return {f"n{index}": number for index, number in enumerate(NUMBERS)}


def inside(numbers: Mapping[str, str]) -> str:
    """Return an array of objects with these numbers."""
    return "[{" + ", ".join(f'"{name}": {number}' for name, number in numbers.items()) + "}]"


@pytest.mark.parametrize("name", SAMPLES)
def test_numbers_reach_the_receiver_and_the_history_unchanged(
    api: Api, customer: Customer, store: Store, numbers: dict[str, str], name: str
) -> None:
    event = sample(name, customer.ref_id)
    customer.register(event["action"], URL)
    hook_id = send(api, written(event, more=inside(numbers)))["hookId"]
    store.clock.now = store.redis.time()[0] * 1000 + 1000
    store.end(hook_id, State.DELIVERED, OK)
    body = body_of(store.record_of(hook_id).payload, "Acme", retry=False, url=URL)
    assert numbers_in(body.decode()) == numbers
    assert numbers_in(customer.call("GET", HISTORY).text) == numbers


def test_numbers_stay_unchanged_in_each_event_of_a_batch(
    api: Api, customer: Customer, store: Store, numbers: dict[str, str]
) -> None:
    customer.register("social", URL)
    events = [written(sample("social-link", customer.ref_id), **{name: text}) for name, text in numbers.items()]
    results = send(api, f'{{"events": [{", ".join(events)}]}}')["events"]
    payloads = [store.record_of(result["hookId"]).payload for result in results]
    assert [numbers_in(payload) for payload in payloads] == [{name: text} for name, text in numbers.items()]


def test_numbers_stay_unchanged_in_fields_that_the_schema_checks(
    api: Api, customer: Customer, store: Store, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schema checks an event that does not fit its shape."""
    monkeypatch.setattr(Shape, "fits", lambda *_: False)
    customer.register("social", URL)
    event = sample("social-link", customer.ref_id)
    del event["details"]
    hook_id = send(api, written(event, details=f'{{"status": "x", "more": {inside(numbers)}}}'))["hookId"]
    assert numbers_in(store.record_of(hook_id).payload) == numbers


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 309])
def test_a_number_beyond_the_range_of_a_double_is_refused(api: Api, customer: Customer, number: str) -> None:
    """Most receivers would read infinity."""
    text = written(sample("social-link", customer.ref_id), n0=number)
    answer = api.call("POST", "/api/events", PRODUCER_KEY, data=text, content_type="application/json")
    assert (answer.status, answer.json["errors"]) == (400, {"body": ["A number in the body is too large."]})


@pytest.mark.parametrize("number", ["1.10", "-0", "1E5", "200.0"])
@pytest.mark.parametrize("field", ["code", "type", "platform", "details", "displayName", "created", "refId"])
def test_a_number_that_a_field_cannot_hold_is_refused_by_field(
    api: Api, customer: Customer, field: str, number: str
) -> None:
    event = {name: value for name, value in sample("social-link", customer.ref_id).items() if name != field}
    text = written(event, **{field: number})
    answer = api.call("POST", "/api/events", PRODUCER_KEY, data=text, content_type="application/json")
    assert (answer.status, list(answer.json["errors"])) == (400, [field])


@pytest.mark.parametrize(
    ("first", "second"),
    [("1", "1.0"), ("1.1", "1.10"), ("1E5", "1e5"), ("0.12345678901234567890", "0.12345678901234567891")],
)
def test_a_repeated_event_must_have_its_numbers_written_alike(
    api: Api, customer: Customer, first: str, second: str
) -> None:
    """Otherwise the receiver would get another body."""
    customer.register("social", URL)
    event = sample("social-link", customer.ref_id, idempotencyKey="order-7")
    hook_id = send(api, written(event, total=first))["hookId"]
    again = send(api, written(event, total=first))
    assert (again["hookId"], again["duplicate"]) == (hook_id, True)
    other = written(event, total=second)
    answer = api.call("POST", "/api/events", PRODUCER_KEY, data=other, content_type="application/json")
    assert answer.status == 409


def test_a_string_is_never_taken_for_a_kept_number(api: Api, customer: Customer) -> None:
    customer.register("social", URL)
    event = sample("social-link", customer.ref_id, idempotencyKey="order-7")
    send(api, written(event, total="1.10"))
    assert api.send({**event, "total": "1.10"}).status == 409


def test_kept_numbers_do_not_make_an_event_longer(api: Api, customer: Customer, store: Store) -> None:
    """`1e5` was written as `100000.0`, and an event within the limit exceeded it."""
    customer.register("social", URL)
    text = written(sample("social-link", customer.ref_id), more=f"[{','.join(['1e5'] * 50_000)}]")
    hook_id = send(api, text)["hookId"]
    assert store.record_of(hook_id).payload.count("1e5") == 50_000
