"""Shapes accept the same events as their schemas; only the schemas report what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from samples import SAMPLES, sample
from unit.actions.test_bad_events import CASES, bad_event, case_id
from webhooks.actions import CATALOGUE
from webhooks.actions.event_fields import Inner, Matches, Moment, read_moment
from webhooks.actions.schema import EventSchema, items, nested
from webhooks.actions.shapes import Shape

EVENT = {"action": "odd", "refId": "a" * 40}


class Even(fields.Integer):
    """A number with a rule of its own."""

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> Any:
        if value % 2:
            raise ValidationError("Odd.")
        return super()._deserialize(value, *arguments, **options)


class Unlike(validate.OneOf):
    """A validator that refuses its choices."""

    def __call__(self, value: Any) -> Any:
        """Return the value if it is not a choice."""
        if value in self.choices:
            raise ValidationError("One of them.")
        return value


class OddSchema(EventSchema):
    """Fields that no action has yet, and that msgspec does not know or would check differently."""

    begins = fields.String(validate=validate.Regexp("[a-z]"))
    whole = fields.String(validate=Matches("^[a-z]$"))
    folded = fields.String(validate=validate.Regexp("[a-z]$", flags=2))
    both = fields.String(validate=[validate.Length(max=1), validate.OneOf(["a", "bb"])])
    few = fields.Integer(strict=True, validate=validate.Range(max=3))
    lax = fields.Integer()
    named = fields.Dict(keys=fields.String(validate=validate.Length(max=2)))
    address = fields.Email()
    even = Even(strict=True)
    word = fields.String(validate=Unlike(["a", "b"]))
    mixed = fields.String(validate=validate.OneOf(["a", 1]))
    strict = Inner(Schema.from_dict({"a": fields.String()}))
    many = Inner(Schema.from_dict({"a": fields.String()}), many=True, unknown=INCLUDE)
    moments = items(Moment())
    inner = nested("Inner", {"moment": Moment(required=True)})


SHAPE = Shape(OddSchema())


def shape_for(event: Mapping[str, Any]) -> tuple[Shape, EventSchema]:
    schema = CATALOGUE[event["action"]].schema_for(event)
    return Shape(schema), schema


@pytest.mark.parametrize("name", SAMPLES)
def test_a_realistic_event_fits_and_gets_the_defaults_of_its_schema(name: str) -> None:
    event = sample(name)
    shape, schema = shape_for(event)
    assert shape.fits(event)
    assert list(shape.filled(event).items()) == list({**event, **schema.load(event)}.items())


@pytest.mark.parametrize("name", SAMPLES)
def test_msgspec_alone_checks_all_of_a_realistic_event_but_moments_and_raw_fields(name: str) -> None:
    checks: list[object] = []

    def check_value(checked: Any, _: object) -> object:
        checks.append(checked.check)
        return checked()

    event = sample(name)
    schema = CATALOGUE[event["action"]].schema_for(event)
    assert Shape(schema, check_value).fits(event)
    assert all(one is read_moment or isinstance(getattr(one, "__self__", None), fields.Raw) for one in checks)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_bad_event_does_not_fit(case: dict[str, Any]) -> None:
    event = bad_event(case)
    shape, _ = shape_for(event)
    assert not shape.fits(event)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("begins", "a1", "1a"),
        ("whole", "a", "a\n"),
        ("folded", "A", "1"),
        ("both", "a", "bb"),
        ("few", 3, 4),
        ("lax", "7", "seven"),
        ("named", {"ab": 1}, {"abc": 1}),
        ("address", "a@acme.example", "acme.example"),
        ("even", 2, 3),
        ("word", "c", "a"),
        ("mixed", "a", 1),
        ("strict", {"a": "b"}, {"b": "c"}),
        ("many", [{"a": "b"}], {"a": "b"}),
        ("moments", ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:00Z", "today"]),
        ("inner", {"moment": "2026-01-01T00:00:00Z"}, {}),
        ("inner", {"moment": "2026-01-01T00:00:00Z", "more": None}, {"moment": None}),
    ],
)
def test_fields_without_a_msgspec_type_are_checked_by_marshmallow(field: str, good: object, bad: object) -> None:
    assert OddSchema().validate({**EVENT, field: good}) == {}
    assert SHAPE.fits({**EVENT, field: good})
    assert OddSchema().validate({**EVENT, field: bad}).keys() == {field}
    assert not SHAPE.fits({**EVENT, field: bad})


def test_events_do_not_share_their_default_arrays() -> None:
    one, other = (SHAPE.filled(EVENT) for _ in range(2))
    assert one == {**EVENT, "moments": []}
    assert one["moments"] is not other["moments"]
