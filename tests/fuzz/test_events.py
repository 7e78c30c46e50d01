"""Any event is refused by field, or stored and deliverable with all its fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.conftest import Scene, check_deliverable, check_error
from fuzz.made_up import JSON, events
from webhooks.actions import CATALOGUE
from webhooks.actions.schema import EventSchema
from webhooks.actions.shapes import Shape

SCHEMAS = {
    f"{action.name}-{name}": (action.name, schema)
    for action in CATALOGUE.values()
    for name, schema in action.schemas.items()
}


@pytest.mark.parametrize(("action", "schema"), SCHEMAS.values(), ids=SCHEMAS)
def test_an_event_is_refused_by_name_or_can_be_delivered(scene: Scene, action: str, schema: EventSchema) -> None:
    delivered = []

    @given(events(schema, action, scene.customer.ref_id), st.booleans())
    def check(event: dict[str, Any], escaped: bool) -> None:
        text = json.dumps(event, ensure_ascii=escaped).encode(errors="surrogatepass")
        stored = scene.stored()
        answer = scene.send(text)
        if answer.status != 202:
            assert answer.status in {400, 409}
            check_error(answer.json)
        elif "hookId" in answer.json and "duplicate" not in answer.json:
            check_deliverable(scene.call_for(answer.json["hookId"]), json.loads(text))
            delivered.append(event)
            return
        assert scene.stored() == stored

    check()
    assert len(delivered) >= 10


@pytest.mark.parametrize(("action", "schema"), SCHEMAS.values(), ids=SCHEMAS)
def test_what_fits_a_shape_is_taken_by_its_schema(action: str, schema: EventSchema) -> None:
    shape = Shape(schema)
    fitted = []

    @given(events(schema, action, "a" * 40))
    def check(event: dict[str, Any]) -> None:
        if shape.fits(event):
            assert list(shape.filled(event).items()) == list({**event, **schema.load(event)}.items())
            fitted.append(event)

    check()
    assert len(fitted) >= 10


def test_of_many_events_each_is_refused_by_name_or_can_be_delivered(scene: Scene) -> None:
    one = st.one_of([events(schema, action, scene.customer.ref_id) for action, schema in SCHEMAS.values()])
    delivered: list[str] = []
    refused: list[dict[str, Any]] = []

    @given(st.lists(one | JSON, min_size=1, max_size=5))
    def check(many: list[Any]) -> None:
        text = json.dumps({"events": many}).encode()
        stored = scene.stored()
        answer = scene.send(text)
        if answer.status != 202:  # malformed JSON refuses the whole batch
            assert answer.status == 400
            check_error(answer.json)
            assert scene.stored() == stored
            return
        results = answer.json["events"]
        assert len(results) == len(many)
        new = {result["hookId"]: event for result, event in zip(results, many, strict=True) if _is_new(result)}
        assert scene.stored() == stored + len(new)
        for hook_id, event in new.items():
            check_deliverable(scene.call_for(hook_id), json.loads(json.dumps(event)))
            delivered.append(hook_id)
        refused.extend(result for result in results if result["status"] == "error")

    check()
    assert len(delivered) >= 10
    assert len(refused) >= 10
    assert {result["code"] for result in refused} <= {101, 144, 409}


def _is_new(result: dict[str, Any]) -> bool:
    return "hookId" in result and "duplicate" not in result
