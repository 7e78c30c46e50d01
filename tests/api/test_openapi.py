"""The OpenAPI document covers every route, is consistent, and can be read offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from api.conftest import Api, Customer
from samples import SAMPLES, sample
from webhooks.actions import CATALOGUE
from webhooks_api.aliases import ALIASES


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    answer = api.call("GET", "/api/openapi.json")
    assert answer.status == 200
    read: dict[str, Any] = answer.json
    return read


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method.upper(), operation


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects of a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def test_the_document_has_the_parts_that_openapi_requires(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.0\.\d", document["openapi"])
    assert set(document["info"]) >= {"title", "version", "description"}
    assert all(path.startswith("/") for path in document["paths"])


def test_every_route_below_api_is_documented(api: Api, document: dict[str, Any]) -> None:
    documented = {(path, method) for path, method, _ in operations(document)}
    own = {"api-docs", "docs", "front", "health"}
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in own and rule.rule not in ALIASES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == routes


def test_every_operation_has_a_summary_and_answers(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        successes = [status for status in operation["responses"] if status.startswith("2")]
        assert successes, where
        assert all(
            response.get("description") or "$ref" in response for response in operation["responses"].values()
        )


def test_every_operation_documents_errors_in_the_same_shape(document: dict[str, Any]) -> None:
    shape = document["components"]["schemas"]["Error"]["properties"]
    assert set(shape) == {"action", "status", "code", "message", "errors"}
    for path, method, operation in operations(document):
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}, (
            path,
            method,
        )
    default = document["components"]["responses"]["DEFAULT_ERROR"]["content"]["application/json"]["schema"]
    assert default == {"$ref": "#/components/schemas/Error"}


def test_every_error_of_an_operation_is_described_once(document: dict[str, Any]) -> None:
    """A body may be too long or have a wrong type, and an answer with 429 or 503 has Retry-After."""
    for path, method, operation in operations(document):
        named = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert named == {status: {"$ref": f"#/components/responses/Error{status}"} for status in named}
        assert {"400", "401", "429", "503"} <= set(named), (method, path)
        assert ({"413", "415"} <= set(named)) is ("requestBody" in operation), (method, path)
    described = document["components"]["responses"]
    for status in ("429", "503"):
        assert "Retry-After" in described[f"Error{status}"]["headers"]


def test_every_reference_has_a_target(document: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert references
    for reference in references:
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            assert name in place, reference
            place = place[name]


def test_every_parameter_of_a_path_is_declared(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        declared = {parameter["name"] for parameter in item.get("parameters", ()) if parameter["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_every_security_scheme_is_used(document: dict[str, Any]) -> None:
    """The page's `Try it out` and generated clients never send a scheme that no operation uses."""
    schemes = document["components"]["securitySchemes"]
    needs = [operation["security"] for _, _, operation in operations(document)]
    assert {name for need in needs for alternative in need for name in alternative} == set(schemes)


def test_every_required_field_exists(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert set(schema.get("required", ())) <= set(schema["properties"]), name


def test_every_sample_is_an_example(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/events"]["post"]["requestBody"]["content"]["application/json"]
    shown = {name: example["value"] for name, example in body["examples"].items()}
    assert shown == {name: {"refId": "0" * 40, **event} for name, event in SAMPLES.items()}


def test_the_schemas_of_every_action_are_shown(document: dict[str, Any]) -> None:
    shown = {node["$ref"].rpartition("/")[2] for node in nodes(events_body(document)) if "$ref" in node}
    assert shown == {
        type(schema).__name__.removesuffix("Schema")
        for action in CATALOGUE.values()
        for schema in action.schemas.values()
    }


def test_an_event_fits_the_documented_body(document: dict[str, Any]) -> None:
    """As for a client that validates its requests; anything else fits no schema."""
    schemas = [resolved(document, alternative) for alternative in events_body(document)["anyOf"]]
    fitting = {name for name in SAMPLES if any(fits(schema, sample(name)) for schema in schemas)}
    assert fitting == set(SAMPLES)
    assert any(fits(schema, {"events": []}) for schema in schemas)
    assert not any(fits(schema, {"action": "social", "refId": "a" * 40}) for schema in schemas)


def test_every_pattern_is_valid_in_all_languages(document: dict[str, Any]) -> None:
    """ECMAScript lacks some anchors of Python; RE2, which Go uses, lacks look-around and back-references."""
    patterns = [node["pattern"] for node in nodes(document) if isinstance(node.get("pattern"), str)]
    assert patterns
    assert [pattern for pattern in patterns if re.search(r"\\[AZz1-9]|\(\?(?!:)", pattern)] == []


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV30SpecValidator(document).validate()


def test_every_operation_has_a_unique_name(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in names)


def test_every_schema_has_a_unique_name(document: dict[str, Any]) -> None:
    """`Feed.feed` once referred to `Feed` itself, as two schemas had one name."""
    for name, schema in document["components"]["schemas"].items():
        inner = {node["$ref"] for node in nodes(schema) if "$ref" in node}
        assert f"#/components/schemas/{name}" not in inner


def test_every_body_has_examples_and_each_fits_its_schema(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        examples = [example["value"] for example in content.get("examples", {}).values()] or [content["example"]]
        for example in examples:
            assert errors(document, content["schema"], example) == [], (method, path, example)


def test_objects_with_unknown_fields_fit_their_schemas(document: dict[str, Any]) -> None:
    """The document allows what the server accepts."""
    for name in SAMPLES:
        event = {**sample(name), "more": {"of": ["its", "own"]}}
        for inner in [event.get("feed"), event.get("item"), *event.get("postIds", ()), event.get("senderDetails")]:
            if inner is not None:
                inner["more"] = 1
        assert errors(document, events_body(document), event) == [], name


def test_every_answer_lists_its_required_fields(document: dict[str, Any]) -> None:
    """Otherwise a generated client cannot tell the answer to one event from that to many."""
    many, one = {"status", "accepted", "rejected", "events"}, {"status", "action", "refId", "state"}
    answers = document["paths"]["/api/events"]["post"]["responses"]["202"]["content"]["application/json"]
    required = [set(resolved(document, schema)["required"]) for schema in answers["schema"]["oneOf"]]
    assert required == [one, many]
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status[0] == "2" and (method, path) not in {("GET", "/api/hook/history"), ("POST", "/api/events")}:
                schema = resolved(document, answer["content"]["application/json"]["schema"])
                assert "status" in schema["required"], (method, path)
                assert schema["properties"]["status"]["enum"] == ["success"], (method, path)


def test_every_kind_of_key_has_its_own_security_scheme(document: dict[str, Any]) -> None:
    used = {path: operation["security"] for path, _, operation in operations(document)}
    assert used["/api/hook/webhook"] == [{"apiKey": []}]
    assert used["/api/events"] == [{"producerKey": []}]
    assert used["/api/admin/accounts"] == [{"adminKey": []}]


def test_customers_can_select_a_user_profile(document: dict[str, Any]) -> None:
    """Only customers: the event of a producer names its profile itself."""
    documented = {
        path
        for path, item in document["paths"].items()
        if "Profile-Key" in [parameter["name"] for parameter in item.get("parameters", ())]
    }
    customers = ("/api/hook", "/api/profiles", "/api/feed")
    assert documented == {path for path in document["paths"] if path.startswith(customers)}


def events_body(document: dict[str, Any]) -> dict[str, Any]:
    content = document["paths"]["/api/events"]["post"]["requestBody"]["content"]
    schema: dict[str, Any] = content["application/json"]["schema"]
    return schema


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def errors(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Return the errors of a value by a schema of the document."""
    validator = OAS30Validator({**schema, "components": document["components"]})
    return [str(error) for error in validator.iter_errors(value)]


def fits(schema: dict[str, Any], event: dict[str, Any]) -> bool:
    """Return whether an event has the required fields of a schema, and allowed values where there is a choice."""
    enums = {name: field["enum"] for name, field in schema["properties"].items() if "enum" in field}
    return set(schema.get("required", ())) <= set(event) and all(
        event[name] in enums[name] for name in enums.keys() & event.keys()
    )


def test_the_list_of_webhooks_is_described_by_action(api: Api, customer: Customer) -> None:
    for action in CATALOGUE:
        customer.register(action)
    document = api.call("GET", "/api/openapi.json").json
    answer = document["paths"]["/api/hook/webhook"]["get"]["responses"]["200"]
    (name,) = answer["content"]["application/json"]["schema"].values()
    described = document["components"]["schemas"][name.rpartition("/")[2]]["properties"]
    assert set(described) == set(customer.webhooks())
