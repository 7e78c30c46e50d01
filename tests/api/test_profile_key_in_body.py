"""A `profileKey` in the body counts like the header, for clients that cannot send headers."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from api.conftest import Customer

PATH = "/api/profiles"


@pytest.mark.parametrize(
    ("method", "more"), [("PUT", {"title": "new"}), ("PATCH", {"title": "new"}), ("DELETE", {})]
)
def test_a_profile_key_in_the_body_selects_the_profile(
    customer: Customer, method: str, more: dict[str, str]
) -> None:
    shop = customer.add_profile("old")
    answer = customer.call(method, PATH, json={"profileKey": shop.profile_key, **more})
    assert answer.status == 200
    assert answer.json == {"status": "success", "title": more.get("title", "old"), "refId": shop.ref_id}


def test_the_same_key_may_also_be_in_the_header(customer: Customer) -> None:
    shop = customer.add_profile()
    assert shop.call("DELETE", PATH, json={"profileKey": shop.profile_key}).status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_key_that_differs_from_the_header_is_refused(customer: Customer, method: str) -> None:
    """Otherwise a call could reach another profile than its caller means."""
    shop, other = customer.add_profile("one"), customer.add_profile("two")
    before = customer.call("GET", PATH).json
    answer = shop.call(method, PATH, json={"profileKey": other.profile_key, "title": "new"})
    assert answer.status == 400
    assert answer.json["errors"] == {"profileKey": ["Differs from the Profile-Key header."]}
    assert customer.call("GET", PATH).json == before


def test_a_key_in_the_body_can_be_replaced(customer: Customer) -> None:
    shop = customer.add_profile()
    answer = customer.call("POST", f"{PATH}/key", json={"profileKey": shop.profile_key, "graceSeconds": 0})
    assert (answer.status, answer.json["refId"]) == (200, shop.ref_id)
    assert shop.call("GET", PATH).status == 403


def test_a_profile_key_in_the_body_does_not_affect_a_new_profile(customer: Customer) -> None:
    body = {"title": "new", "profileKey": customer.add_profile().profile_key}
    assert customer.call("POST", PATH, json=body).status == 200


def test_a_key_in_body_or_query_is_not_logged_or_quoted(customer: Customer) -> None:
    with capture_logs() as logs:
        answers = [
            customer.call(method, f"{PATH}{query}", json=body)
            for body in ({"profileKey": "canary"}, {"profileKey": ["canary"]})
            for method, query in [("PUT", ""), ("DELETE", ""), ("GET", "?profileKeys[0]=canary")]
        ]
    assert {answer.status for answer in answers} == {200, 400, 403}
    assert "canary" not in "".join(f"{answer.headers} {answer.text}" for answer in answers) + str(logs)
