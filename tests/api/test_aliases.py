"""Other paths that clients use are the same calls, with the same keys, limits and answers."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer
from webhooks_api.aliases import ALIASES

ROUTES = [(path, method, endpoint) for path, methods in ALIASES.items() for method, endpoint in methods.items()]


@pytest.mark.parametrize(("path", "method", "endpoint"), ROUTES)
def test_an_alias_does_the_same_as_its_path(api: Api, path: str, method: str, endpoint: str) -> None:
    """So the tests of the original path hold for the alias too."""
    adapter = api.app.url_map.bind("localhost")
    assert adapter.match(path, method) == (endpoint, {})
    assert "OPTIONS" not in adapter.allowed_methods(path)


def test_a_profile_is_created_renamed_and_removed_at_each_path(customer: Customer) -> None:
    for make, remove in [("profile", "profile"), ("create-profile", "delete-profile")]:
        made = customer.call("POST", f"/api/profiles/{make}", json={"title": "one", "source": "npm"})
        assert made.status == 200
        key = {"profileKey": made.json["profileKey"], "source": "npm"}
        for method in ("PUT", "PATCH"):
            answer = customer.call(method, "/api/profiles/profile", json={**key, "title": method})
            assert answer.json == {"status": "success", "title": method, "refId": made.json["refId"]}
        answer = customer.call("DELETE", f"/api/profiles/{remove}", json=key)
        assert answer.json == {"status": "success", "title": "PATCH", "refId": made.json["refId"]}
    assert customer.call("GET", "/api/profiles").json["profiles"] == []


def test_a_webhook_is_registered_listed_and_removed_at_the_short_path(customer: Customer) -> None:
    body = {"action": "social", "url": "https://hooks.example/"}
    assert customer.call("POST", "/api/hook", json=body).json.items() >= body.items()
    assert customer.call("GET", "/api/hook?source=npm").json == customer.webhooks()
    assert customer.call("DELETE", "/api/hook", json={"action": "social"}).status == 200
    assert "social" not in customer.webhooks()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/profiles/profile"), ("DELETE", "/api/profiles/create-profile"), ("PUT", "/api/hook")],
)
def test_an_alias_refuses_methods_that_no_client_uses(api: Api, method: str, path: str) -> None:
    assert api.call(method, path).status == 405
