"""Shapes: nearly all events are valid, and a shape sees that in a tenth of the time that marshmallow takes.

A shape is made of a schema, so nothing is said twice. Whatever fits a shape is taken by its schema as well; what
does not fit is for marshmallow to judge, which says what is wrong. That holds for schemas as actions have them:
fields go by their own names, and `check_together` says which must be together, not a hook of marshmallow's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

import msgspec
from marshmallow import INCLUDE, ValidationError, fields, missing, validate

from webhooks.actions.schema import Array, EventSchema, Inner, Matches, Moment, read_moment


class Shape:
    """What the events of a schema look like."""

    def __init__(self, schema: EventSchema) -> None:
        self._check_together = schema.check_together
        self._type = _object(schema.fields)
        self._defaults = {
            name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing
        }

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Report whether the event fits; if it does not, its schema may accept it all the same."""
        try:
            msgspec.convert(event, self._type, dec_hook=_judge)
            self._check_together(event, event)
        except (msgspec.ValidationError, ValidationError, UnicodeError):  # a lone surrogate is no Unicode
            return False
        return True

    def filled(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event that fits, with its schema's defaults for fields that were left out."""
        filled = dict(event)
        for name, default in self._defaults.items():
            if name not in filled:
                filled[name] = default() if callable(default) else default
        return filled


def _object(known: Mapping[str, fields.Field[Any]]) -> Any:
    """Return the type of objects with these fields; others are passed over."""
    types = {name: (Required if field.required else NotRequired)[_type(field)] for name, field in known.items()}
    return TypedDict("Object", types)  # type: ignore[operator]  # its fields are known here only


def _type(field: fields.Field[Any]) -> Any:
    """Return the type of what a field takes; a mark with who judges it if msgspec has none."""
    wanted = _type_without_validators(field)
    if wanted and field.validators:
        wanted = _limited(wanted, field.validators[0]) if len(field.validators) == 1 else None
    if wanted:
        return wanted
    judge = read_moment if type(field) is Moment and not field.validators else field.deserialize
    return type("Judged", (), {"judge": staticmethod(judge)})


def _type_without_validators(field: fields.Field[Any]) -> Any:
    match field:  # by the very class: one that was derived from it may have rules of its own
        case Inner(schema=schema) if type(field) is Inner and field.unknown == INCLUDE and not schema.many:
            return _object(schema.fields)
        case Array() if type(field) is Array:
            return list[_type(field.inner)]  # type: ignore[misc]  # it is known here only
        case fields.Dict(key_field=None, value_field=None) if type(field) is fields.Dict:
            return dict
        case fields.Integer(strict=True) if type(field) is fields.Integer:
            return int
        case fields.String() if type(field) is fields.String:
            return str
    return None


def _limited(wanted: Any, validator: object) -> Any:
    """Return the type of what a validator leaves of another."""
    match validator:
        case validate.Length(min=least, max=most, equal=None) if type(validator) is validate.Length:
            return Annotated[wanted, msgspec.Meta(min_length=least, max_length=most)]
        case Matches(regex=re.Pattern(pattern=str(pattern), flags=re.UNICODE)) if type(validator) is Matches:
            # To msgspec it may stand anywhere in the text.
            return Annotated[wanted, msgspec.Meta(pattern=rf"\A(?:{pattern})\Z")]
        case validate.OneOf(choices=choices) if type(validator) is validate.OneOf and wanted is str:
            return Literal[tuple(choices)] if all(isinstance(choice, str) for choice in choices) else None
    return None


def _judge(judged: Any, value: object) -> object:
    """Have a value judged. msgspec wants an instance, or an error; of a ValueError it makes its own."""
    judged.judge(value)
    return judged()
