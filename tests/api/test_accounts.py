"""`/api/admin/accounts`: an operator opens and changes accounts (contract section 6)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.conftest import Api

PATH = "/api/admin/accounts"
BODY: dict[str, Any] = {
    "title": "Bäckerei 🥖",
    "email": "ops@acme.example",
    "altEmails": ["one@acme.example", "two@acme.example"],
    "plan": "business",
    "addOns": ["messaging"],
}


def test_a_new_account_is_answered_201_with_its_key(api: Api) -> None:
    answer = api.operate("POST", PATH, json=BODY)
    assert answer.status == 201
    ref_id, key = answer.json["refId"], answer.json["apiKey"]
    assert answer.json == {"status": "success", **BODY, "refId": ref_id, "apiKey": key}
    assert re.fullmatch(r"[0-9a-f]{40}", ref_id)
    assert api.call("GET", "/api/hook/webhook", key).json["refId"] == ref_id


def test_missing_fields_get_their_defaults(api: Api) -> None:
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
def test_a_change_is_answered_with_the_changed_account(api: Api, change: dict[str, Any]) -> None:
    ref_id = api.operate("POST", PATH, json=BODY).json["refId"]
    answer = api.operate("PATCH", f"{PATH}/{ref_id}", json=change)
    assert answer.status == 200
    assert answer.json == {"status": "success", **BODY, "refId": ref_id, **change}
    assert api.operate("GET", f"{PATH}/{ref_id}").json == answer.json
