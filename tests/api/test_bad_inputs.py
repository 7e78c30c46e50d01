"""Bad input of every kind to every route is refused by field in one shape; nothing is stored or published.

The cases are in `bad_inputs/`. A case has the `call`; `as`, the caller; `headers`, where null removes one; the
body as `json`, as text in parts (`body`) or in `base64`; and the expected `status`, with the `fields` in `errors`,
the `reason` why the body cannot be read, or `code` and `message`.

`[3, "ab"]` as a part is "ababab". In `json` and `headers`, `{"$text": […]}` is a text in parts, and `{"$list": [3,
x]}` a list with three x. `$REF_ID` is that of the customer, `$PROFILE_REF_ID` that of its user profile.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Answer, Api, Customer, bad_input, error
from doubles import ADMIN_KEY, PRODUCER_KEY, RecordedIds, contents
from webhooks.actions import CATALOGUE
from webhooks.store.connection import Client
from webhooks_api.aliases import ALIASES

FOLDER = Path(__file__).parent / "bad_inputs"
BODIES = json.loads((FOLDER / "bodies.json").read_text())
CASES: dict[str, dict[str, Any]] = {
    f"{file.stem}-{number}": case
    for file in sorted(FOLDER.glob("*.json"))
    if file.stem != "bodies"
    for number, case in enumerate(json.loads(file.read_text()))
}
#: Every call with a body.
TAKE_BODIES = [
    ("POST /api/hook/webhook", "customer", "webhook"),
    ("DELETE /api/hook/webhook", "customer", "webhook"),
    ("POST /api/hook/webhook/secret", "customer", "webhook"),
    ("POST /api/hook/webhook/test", "customer", "test"),
    ("POST /api/hook/recover", "customer", "recover"),
    ("POST /api/profiles", "customer", "profiles"),
    ("PUT /api/profiles", "profile", "profiles"),
    ("PATCH /api/profiles", "profile", "profiles"),
    ("DELETE /api/profiles", "profile", "profiles"),
    ("POST /api/profiles/key", "profile", "profiles"),
    ("POST /api/feed", "customer", "feed"),
    ("PUT /api/feed", "customer", "feed"),
    ("DELETE /api/feed", "customer", "feed"),
    ("POST /api/events", "producer", "events"),
    ("POST /api/admin/accounts", "operator", "accounts"),
    ("PATCH /api/admin/accounts/$REF_ID", "operator", "accounts"),
    ("POST /api/admin/accounts/$REF_ID/key", "operator", "accounts"),
    ("POST /api/admin/profiles/$PROFILE_REF_ID/key", "operator", "keys"),
]
#: Paths with the refId of a user profile.
_OWNERS = {"/api/admin/profiles/{ref_id}/key": "$PROFILE_REF_ID"}


class Callers:
    """All kinds of callers, on an API where a profile has a webhook for each action."""

    def __init__(self, api: Api, customer: Customer) -> None:
        self._api = api
        shop = customer.add_profile()
        self._words = {"$REF_ID": customer.ref_id, "$PROFILE_REF_ID": shop.ref_id}
        self._headers = {
            "nobody": {},
            "customer": {"Authorization": f"Bearer {customer.key}"},
            "profile": {"Authorization": f"Bearer {customer.key}", "Profile-Key": str(shop.profile_key)},
            "producer": {"Authorization": f"Bearer {PRODUCER_KEY}"},
            "operator": {"Authorization": f"Bearer {ADMIN_KEY}"},
        }

    def call(self, case: Mapping[str, Any]) -> Answer:
        """Make the call of a case."""
        method, path = self._filled_in(case["call"]).split(" ")
        body = self._body(case)
        headers = self._headers[case["as"]] | ({} if body is None else {"Content-Type": "application/json"})
        headers |= self._filled_in(case.get("headers", {}))
        given = {name: value for name, value in headers.items() if value is not None}
        return self._api.call(method, path, headers=given, data=body)

    def _body(self, case: Mapping[str, Any]) -> bytes | None:
        if "json" in case:
            return json.dumps(self._filled_in(case["json"])).encode()
        if "base64" in case:
            return base64.b64decode(case["base64"])
        return self._filled_in({"$text": case["body"]}).encode() if "body" in case else None

    def _filled_in(self, value: Any) -> Any:
        match value:
            case str():
                for word, meant in self._words.items():
                    value = value.replace(word, meant)
                return value
            case {"$text": parts}:
                return "".join(
                    self._filled_in(part) if isinstance(part, str) else part[0] * part[1] for part in parts
                )
            case {"$list": [times, element]}:
                return [self._filled_in(element)] * times
            case dict():
                return {name: self._filled_in(inner) for name, inner in value.items()}
            case list():
                return [self._filled_in(inner) for inner in value]
        return value


@pytest.fixture
def callers(api: Api, customer: Customer) -> Callers:
    for action in CATALOGUE:
        customer.register(action, secret="a-secret")
    return Callers(api, customer)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_input_is_reported_by_field_and_not_stored(
    callers: Callers, fake_redis: Client, publish_ids: RecordedIds, case: dict[str, Any]
) -> None:
    before = stored(fake_redis)
    answer = callers.call(case)
    check(answer, case)
    assert stored(fake_redis) == before
    assert publish_ids.published == []


@pytest.mark.parametrize("case", BODIES, ids=[case["what"] for case in BODIES])
def test_every_route_refuses_a_body_that_is_not_strict_json(
    callers: Callers, fake_redis: Client, publish_ids: RecordedIds, case: dict[str, Any]
) -> None:
    before = stored(fake_redis)
    for call, caller, action in TAKE_BODIES:
        answer = callers.call({**case, "call": call, "as": caller})
        check(answer, case)
        assert answer.json["action"] == action
    assert stored(fake_redis) == before
    assert publish_ids.published == []


def test_every_route_is_among_the_cases(api: Api) -> None:
    """Every callable route has a case, and every route with a body is tried with all bodies."""
    own = {"docs", "front", "health", "api-docs"}
    routes = {
        (rule.endpoint.split(".")[0], f"{method} {rule.rule.partition('<')[0]}")
        for rule in api.app.url_map.iter_rules()
        if rule.rule not in ALIASES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    called = {case["call"].partition("?")[0] for case in CASES.values()} | {call for call, _, _ in TAKE_BODIES}
    for blueprint, route in routes:
        assert blueprint in own or any(call.startswith(route) for call in called), route
    document = api.call("GET", "/api/openapi.json").json
    take_bodies = {
        f"{method.upper()} {path.replace('{ref_id}', _OWNERS.get(path, '$REF_ID'))}"
        for path, item in document["paths"].items()
        for method in item
        if "requestBody" in item[method]
    }
    assert take_bodies == {call for call, _, _ in TAKE_BODIES}


def stored(redis: Client) -> dict[str, Any]:
    """Return everything in Redis except the counts of wrong keys."""
    return {key: value for key, value in contents(redis).items() if not key.startswith("bucket:")}


def check(answer: Answer, case: Mapping[str, Any]) -> None:
    """Check an answer against the case, and for the shape of every error."""
    assert answer.status == case["status"], answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "X-Injected" not in answer.headers
    action = answer.json["action"]
    assert isinstance(action, str)
    if "reason" in case:
        assert answer.json == bad_input(action, {"body": [case["reason"]]})
    elif "fields" in case:
        assert set(answer.json["errors"]) == set(case["fields"])
        assert all(answer.json["errors"].values())
        assert answer.json == bad_input(action, answer.json["errors"])
    else:
        assert answer.json == error(action, case["code"], case["message"])
