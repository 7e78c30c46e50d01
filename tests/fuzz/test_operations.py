"""Every operation of the OpenAPI document, called as described and with small deviations, answers as described."""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from api.conftest import Customer
from fuzz.conftest import Scene, check_error

AS_DOCUMENTED = [content_type_conformance, response_schema_conformance, response_headers_conformance]
#: The operations of the document; a test below finds a missing one.
OPERATIONS = [
    "DELETE /api/feed",
    "DELETE /api/hook/webhook",
    "DELETE /api/hook/webhook/secret",
    "DELETE /api/profiles",
    "GET /api/admin/accounts/{ref_id}",
    "GET /api/events/active",
    "GET /api/feed",
    "GET /api/hook/deliveries",
    "GET /api/hook/deliveries/{hook_id}",
    "GET /api/hook/history",
    "GET /api/hook/recover/{recovery_id}",
    "GET /api/hook/webhook",
    "GET /api/profiles",
    "PATCH /api/admin/accounts/{ref_id}",
    "PATCH /api/profiles",
    "POST /api/admin/accounts",
    "POST /api/admin/accounts/{ref_id}/key",
    "POST /api/admin/profiles/{ref_id}/key",
    "POST /api/events",
    "POST /api/feed",
    "POST /api/hook/deliveries/{hook_id}/resend",
    "POST /api/hook/recover",
    "POST /api/hook/webhook",
    "POST /api/hook/webhook/secret",
    "POST /api/hook/webhook/test",
    "POST /api/profiles",
    "POST /api/profiles/key",
    "PUT /api/feed",
    "PUT /api/profiles",
]


@pytest.fixture(scope="module")
def operations(scene: Scene) -> dict[str, Any]:
    """The operations of Schemathesis, by method and path."""
    document: Any = schemathesis.openapi.from_wsgi("/api/openapi.json", scene.api.app)
    found = [operation.ok() for operation in document.get_all_operations()]
    return {operation.label: operation for operation in found}


def test_every_operation_is_called(operations: dict[str, Any]) -> None:
    assert sorted(operations) == OPERATIONS


def _owner(scene: Scene, name: str) -> Customer:
    """Return whose refId an operation takes."""
    if name.startswith("POST /api/admin/profiles/"):
        return scene.other.add_profile()
    # The customer whose key is replaced and whose plan changes does not make the other calls.
    return scene.other if name.endswith("/key") or name.startswith("PATCH ") else scene.customer


@pytest.mark.parametrize("mode", list(GenerationMode), ids=["as it says", "not quite as it says"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_the_document_says(
    scene: Scene, operations: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    """The status is documented, never 500, and the body has the documented shape."""
    operation = operations[name]
    scene.register()  # another operation may have removed them
    answered: Counter[int] = Counter()
    profile_key = scene.customer.add_profile().profile_key
    # Values that a generated call cannot guess.
    known = {
        "ref_id": _owner(scene, name).ref_id,
        "refId": scene.customer.ref_id,
        "hook_id": scene.hook_id,
        "recovery_id": scene.recovery_id,
        "feedId": (feed_id := scene.follow()),
        "id": feed_id,
        "Profile-Key": profile_key,
        "profileKey": profile_key,  # in a body it must be the same, or it is refused
        "url": "https://hooks.example/",
    }

    # A quarter of the usual number, as there are many operations.
    @settings(max_examples=settings().max_examples // 4)
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def check(case: Any, is_known: bool) -> None:
        case.headers["Authorization"] = f"Bearer {scene.key(operation.tags[0])}"
        for place in (case.path_parameters, case.query, case.headers, case.body):
            if is_known and isinstance(place, MutableMapping):
                place.update({name: value for name, value in known.items() if name in place})
        response = case.call()
        answered[response.status_code] += 1
        case.validate_response(response, checks=AS_DOCUMENTED)
        assert str(response.status_code) in operation.responses.status_codes
        if response.status_code >= 400:
            check_error(response.json())

    check()
    assert mode is GenerationMode.NEGATIVE or any(status < 300 for status in answered), answered
