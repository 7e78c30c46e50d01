"""A path must match to the letter; any other is unknown before anything else of the request is read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from api.conftest import Api, error
from api.server.serving import Server, answer
from doubles import ADMIN_KEY, contents
from webhooks.store.connection import Client

ACCOUNT = json.dumps({"title": "Acme", "email": "ops@acme.example", "plan": "enterprise"})
#: The code of the answer to an unknown query parameter.
UNKNOWN_PARAMETER = 101
UNKNOWN = error("request", 404, "This endpoint does not exist")

#: Other spellings of /api/admin/accounts. Some could pass a proxy that blocks this path.
OTHER_SPELLINGS = [
    "//api/admin/accounts",
    "///api/admin/accounts",
    "/api//admin/accounts",
    "/api/admin//accounts",
    "/api/admin/accounts/",
    "/api/admin/accounts//",
    "/./api/admin/accounts",
    "/api/./admin/accounts",
    "/api/../api/admin/accounts",
    "/api/hook/../admin/accounts",
    "/%61pi/admin/accounts",
    "/api%2Fadmin/accounts",
    "/api%2fadmin/accounts",
    "%2Fapi/admin/accounts://",
    "/%2Fapi/admin/accounts",
    "/api/%2e/admin/accounts",
    "/api/hook/%2e%2e/admin/accounts",
    "/api/admin/account%73",
    "/api/admin/accounts%00",
    "/api/admin/accounts%20",
    "/api/admin/accounts%3F",
    "/api/admin/accounts;a=b",
    "/api/admin;a=b/accounts",
    "/api/admin/accounts#there",
    "/api\\admin\\accounts",
    "/API/admin/accounts",
    "http://ringback.example//api/admin/accounts",
    "http://ringback.example/api//admin/accounts",
    "http://ringback.example/%61pi/admin/accounts",
    "http://ringback.example/api/../api/admin/accounts",
    "http:////api/admin/accounts",
    "http:/api/admin/accounts://",
    "ftp://ringback.example/api/admin/accounts",
    "a://api/admin/accounts",
]


@pytest.fixture
def server(api: Api) -> Iterator[Server]:
    with Server(api.app, keepalive=60, worker_connections=100) as server:
        yield server


def post(server: Server, target: str, key: str) -> object:
    """Try to create an account at this target; returns the answer."""
    lines = [
        f"POST {target} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
    ]
    caller = server.caller()
    caller.sendall("\r\n".join([*lines, f"Content-Length: {len(ACCOUNT)}", "", ACCOUNT]).encode())
    return json.loads(answer(caller))


@pytest.mark.parametrize("key", [ADMIN_KEY, "wrong"])
@pytest.mark.parametrize("target", OTHER_SPELLINGS)
def test_another_spelling_of_a_path_is_unknown(server: Server, fake_redis: Client, target: str, key: str) -> None:
    """No key is checked, nothing is stored, no wrong key counts, and the answer is that of any unknown path."""
    assert post(server, target, key) == UNKNOWN
    assert contents(fake_redis) == {}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/api/admin/accounts", None),
        ("/api/admin/accounts?a=//b/../%2F;c", UNKNOWN_PARAMETER),
        ("http://ringback.example/api/admin/accounts", None),
        ("HTTPS://ringback.example:8443/api/admin/accounts?a=b", UNKNOWN_PARAMETER),
    ],
)
def test_a_path_may_be_requested_by_itself_or_as_an_absolute_url(
    server: Server, target: str, code: int | None
) -> None:
    """A server must accept both (RFC 9112, section 3.2.2), whatever the host; the path excludes the query."""
    answer = post(server, target, ADMIN_KEY)
    assert isinstance(answer, dict)
    assert answer.get("code") == code


@pytest.mark.parametrize("target", ["/api/docs", "/api/docs/", "/api/docs/swagger-ui.css"])
def test_the_documentation_is_served_at_each_of_its_paths(api: Api, target: str) -> None:
    assert api.call("GET", target).status == 200
