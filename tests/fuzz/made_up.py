"""Strategies: JSON of all kinds, and mostly valid events from the schemas of their actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from marshmallow import fields, validate

from webhooks.actions.event_fields import Array, Inner, Moment
from webhooks.actions.schema import EventSchema

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["\0", "\r\nX: 1", "\u202eabc", "\ufeff", "🥖", "\u2028", "__proto__", "null"]
)
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([-0.0, 1e308, 5e-324, 10**300])
)
JSON: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
#: Values that Python writes although they are not valid JSON: a lone surrogate, infinity and NaN.
NO_JSON = st.sampled_from(["\ud800", float("nan"), float("inf"), -float("inf"), 10**400])
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
HTTPS_URLS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=20).map(
    "https://files.example/".__add__
)


def events(schema: EventSchema, action: str, ref_id: str) -> SearchStrategy[dict[str, Any]]:
    """Return events of an action, some with a wrong, missing or unknown field."""
    known = _objects(schema.fields).map(lambda event: {**event, "action": action, "refId": ref_id})
    unknown = st.dictionaries(TEXTS, JSON, max_size=3)
    return st.tuples(unknown, known, _mistakes(schema.fields)).map(
        lambda parts: {**parts[0], **parts[1], **parts[2]}
    )


def _mistakes(known: dict[str, fields.Field[Any]]) -> SearchStrategy[dict[str, Any]]:
    """Return, for a quarter of the cases, a field with any value or with a mistake somewhere inside."""
    wrong = st.sampled_from(sorted(known)).flatmap(lambda name: st.tuples(st.just(name), _wrong(known[name])))
    return st.one_of(st.just({}), st.just({}), st.just({}), wrong.map(lambda field: dict([field])))


def _wrong(field: fields.Field[Any]) -> SearchStrategy[Any]:
    anything = JSON | NO_JSON
    if isinstance(field, Inner):
        inner = field.schema.fields
        parts = st.tuples(_objects(inner), st.sampled_from(sorted(inner)), anything)
        return anything | parts.map(lambda part: {**part[0], part[1]: part[2]})
    if isinstance(field, Array):
        return anything | st.lists(_values(field.inner) | _wrong(field.inner), max_size=4)
    return anything


def _objects(known: dict[str, fields.Field[Any]]) -> SearchStrategy[dict[str, Any]]:
    required = {name: _values(field) for name, field in known.items() if field.required}
    optional = {name: _values(field) for name, field in known.items() if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


def _values(field: fields.Field[Any]) -> SearchStrategy[Any]:
    """Return valid values of a field."""
    return _BY_TYPE[type(field)](field)


def _texts(field: fields.String) -> SearchStrategy[str]:
    for validator in field.validators:
        if isinstance(validator, validate.OneOf):
            return st.sampled_from([*validator.choices])
        if isinstance(validator, validate.Regexp):  # for example of a refId, which is set later, or of a URL
            return HTTPS_URLS
    return TEXTS.filter(bool)


_BY_TYPE: dict[type, Callable[[Any], SearchStrategy[Any]]] = {
    Array: lambda field: st.lists(_values(field.inner), max_size=4),
    Inner: lambda field: _objects(field.schema.fields),
    Moment: lambda _: MOMENTS,
    fields.Dict: lambda _: st.dictionaries(TEXTS, JSON, max_size=3),
    fields.Integer: lambda _: st.integers(),
    fields.Raw: lambda _: JSON.filter(lambda value: value is not None),
    fields.String: _texts,
}
