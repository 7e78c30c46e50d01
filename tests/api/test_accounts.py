"""`/api/admin/accounts`: an operator opens and changes accounts (contract section 6)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.conftest import Api, Customer, bad_input, error
from doubles import contents
from webhooks.store.connection import Client

PATH = "/api/admin/accounts"
BODY: dict[str, Any] = {
    "title": "Bäckerei 🥖",
    "email": "ops@acme.example",
    "altEmails": ["one@acme.example", "two@acme.example"],
    "plan": "business",
    "addOns": ["messaging"],
}


def test_an_account_is_opened_with_201_and_its_key(api: Api) -> None:
    answer = api.operate("POST", PATH, json=BODY)
    assert answer.status == 201
    ref_id, key = answer.json["refId"], answer.json["apiKey"]
    assert answer.json == {"status": "success", **BODY, "refId": ref_id, "apiKey": key}
    assert re.fullmatch(r"[0-9a-f]{40}", ref_id)
    assert api.call("GET", "/api/hook/webhook", key).json["refId"] == ref_id


def test_what_is_left_out_has_a_default(api: Api) -> None:
    answer = api.operate("POST", PATH, json={"title": "Acme", "email": "ops@acme.example"}).json
    assert (answer["plan"], answer["altEmails"], answer["addOns"]) == ("free", [], [])


def test_a_key_is_shown_once(api: Api) -> None:
    opened = api.operate("POST", PATH, json=BODY).json
    answer = api.operate("GET", f"{PATH}/{opened['refId']}")
    assert answer.status == 200
    assert answer.json == {"status": "success", **BODY, "refId": opened["refId"]}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"plan": "enterprise"},
        {"addOns": []},
        {"email": "new@acme.example"},
        {"altEmails": []},
        {"plan": "free", "addOns": [], "email": "new@acme.example", "altEmails": ["a@acme.example"]},
    ],
)
def test_a_change_answers_with_the_account_as_it_is_now(api: Api, change: dict[str, Any]) -> None:
    ref_id = api.operate("POST", PATH, json=BODY).json["refId"]
    answer = api.operate("PATCH", f"{PATH}/{ref_id}", json=change)
    assert answer.status == 200
    assert answer.json == {"status": "success", **BODY, "refId": ref_id, **change}
    assert api.operate("GET", f"{PATH}/{ref_id}").json == answer.json


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_ref_id_of_no_account_is_404(api: Api, customer: Customer, method: str) -> None:
    """A user profile's is none."""
    for ref_id in ("f" * 40, customer.add_profile().ref_id):
        answer = api.operate(method, f"{PATH}/{ref_id}", json={})
        assert answer.status == 404
        assert answer.json == error("accounts", 144, "No account has this refId.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": ["a@acme.example"]}, "email"),
        ({"altEmails": "a@acme.example"}, "altEmails"),
        ({"altEmails": ["nobody"]}, "altEmails"),
        ({"altEmails": None}, "altEmails"),
        ({"plan": "platinum"}, "plan"),
        ({"plan": None}, "plan"),
        ({"plan": ["free"]}, "plan"),
        ({"addOns": ["fax"]}, "addOns"),
        ({"addOns": "messaging"}, "addOns"),
        ({"addOns": None}, "addOns"),
        ({"colour": "red"}, "colour"),
        ({"apiKey": "mine"}, "apiKey"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(
    api: Api, fake_redis: Client, change: dict[str, Any], field: str
) -> None:
    """An operator's unknown field is a mistake; a customer's is ignored."""
    ref_id = api.operate("POST", PATH, json=BODY).json["refId"]
    before = contents(fake_redis)
    for method, path, body in (("PATCH", f"{PATH}/{ref_id}", change), ("POST", PATH, {**BODY, **change})):
        answer = api.operate(method, path, json=body)
        assert answer.status == 400
        assert set(answer.json["errors"]) == {field}
        assert answer.json == bad_input("accounts", answer.json["errors"])
    assert contents(fake_redis) == before


@pytest.mark.parametrize("missing", ["title", "email"])
def test_a_new_account_needs_a_title_and_an_address(api: Api, missing: str) -> None:
    body = {name: value for name, value in BODY.items() if name != missing}
    answer = api.operate("POST", PATH, json=body)
    assert (answer.status, set(answer.json["errors"])) == (400, {missing})
