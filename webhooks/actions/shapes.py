"""Shapes: a fast check of valid events by msgspec, which takes a tenth of the time of marshmallow.

A shape is derived from a schema. An event that fits the shape is valid for the schema; marshmallow checks all
other events and reports what is wrong. That holds for schemas as actions define them: without `data_key`, and with
`check_together` instead of marshmallow's own hooks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

import msgspec
from marshmallow import INCLUDE, ValidationError, fields, missing, validate

from webhooks.actions.event_fields import Array, Inner, Matches, Moment, read_moment
from webhooks.actions.schema import EventSchema


def check_value(checked: Any, value: object) -> object:
    """Check a value with the check of its type. msgspec expects an instance of the type, or a ValueError."""
    checked.check(value)
    return checked()


class Shape:
    """The shape of the events of a schema.

    Args:
        check_value: called by msgspec for values of fields that it has no type for.
    """

    def __init__(self, schema: EventSchema, check_value: Callable[[Any, object], object] = check_value) -> None:
        self._check_value = check_value
        self._check_together = schema.check_together
        self._type = _object(schema.fields)
        self._defaults = {
            name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing
        }

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Report whether the event fits; if it does not, its schema may accept it nevertheless."""
        try:
            msgspec.convert(event, self._type, dec_hook=self._check_value)
            self._check_together(event, event)
        except (msgspec.ValidationError, ValidationError, UnicodeError):  # a lone surrogate is not valid Unicode
            return False
        return True

    def filled(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event that fits, with the schema's defaults for fields that were left out."""
        filled = dict(event)
        for name, default in self._defaults.items():
            if name not in filled:
                filled[name] = default() if callable(default) else default
        return filled


def _object(known: Mapping[str, fields.Field[Any]]) -> Any:
    """Return the type of objects with these fields; other fields are ignored."""
    types = {name: (Required if field.required else NotRequired)[_type(field)] for name, field in known.items()}
    return TypedDict("Object", types)  # type: ignore[operator]  # its fields are known at run time only


def _type(field: fields.Field[Any]) -> Any:
    """Return the type of a field's values; a `Checked` type with the field's own check if msgspec has none."""
    accepted = _type_without_validators(field)
    if accepted and field.validators:
        accepted = _limited(accepted, field.validators[0]) if len(field.validators) == 1 else None
    if accepted:
        return accepted
    check = read_moment if type(field) is Moment and not field.validators else field.deserialize
    return type("Checked", (), {"check": staticmethod(check)})


def _type_without_validators(field: fields.Field[Any]) -> Any:
    match field:  # exact classes only: a subclass may have other rules
        case Inner(schema=schema) if type(field) is Inner and field.unknown == INCLUDE and not schema.many:
            return _object(schema.fields)
        case Array() if type(field) is Array:
            return list[_type(field.inner)]  # type: ignore[misc]  # it is known at run time only
        case fields.Dict(key_field=None, value_field=None) if type(field) is fields.Dict:
            return dict
        case fields.Integer(strict=True) if type(field) is fields.Integer:
            return int
        case fields.String() if type(field) is fields.String:
            return str
    return None


def _limited(accepted: Any, validator: object) -> Any:
    """Return a type restricted by a validator; None if msgspec cannot express it."""
    match validator:
        case validate.Length(min=minimum, max=maximum, equal=None) if type(validator) is validate.Length:
            return Annotated[accepted, msgspec.Meta(min_length=minimum, max_length=maximum)]
        case Matches(regex=re.Pattern(pattern=str(pattern), flags=re.UNICODE)) if type(validator) is Matches:
            # msgspec searches for a pattern anywhere in the string.
            return Annotated[accepted, msgspec.Meta(pattern=rf"\A(?:{pattern})\Z")]
        case validate.OneOf(choices=choices) if type(validator) is validate.OneOf and accepted is str:
            return Literal[tuple(choices)] if all(isinstance(choice, str) for choice in choices) else None
    return None
