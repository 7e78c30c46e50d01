"""The base of all actions: a name, a schema for its events, and rules with default answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from webhooks.actions.schema import EventSchema
from webhooks.actions.shapes import Shape
from webhooks.errors import InvalidInput


class Action:
    """An entry of the catalogue. An action with other rules overrides them.

    Args:
        name: the value of an event's `action`.
        schema: the schema of its events.
        keeps_url: `url` is a field of the event, so the payload must not replace it with the webhook's URL.
    """

    def __init__(self, name: str, schema: EventSchema, *, keeps_url: bool = False) -> None:
        self.name = name
        self.keeps_url = keeps_url
        self._schema = schema
        self._shapes = {one: Shape(one) for one in {schema, *self.schemas.values()}}

    @property
    def schemas(self) -> Mapping[str, EventSchema]:
        """The schemas of its events, by name; most actions have one."""
        return {self.name: self._schema}

    def schema_for(self, event: Mapping[str, Any]) -> EventSchema:  # noqa: ARG002  for overrides
        """Return the schema that this event must fit."""
        return self._schema

    def check(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the event, with empty arrays for those that were left out, as receivers index them.

        Raises:
            InvalidInput: a field is missing or malformed.
        """
        schema = self.schema_for(event)
        shape = self._shapes[schema]
        if shape.fits(event):
            return shape.filled(event)
        try:
            checked: dict[str, Any] = schema.load(event)
        except ValidationError as error:
            raise InvalidInput(_plain(error.messages_dict)) from None
        return {**event, **checked}  # in the order of the producer's fields

    def notifies(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002  for overrides
        """Report whether webhooks are called for a checked event."""
        return True

    def mails(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002  for overrides
        """Report whether a checked event is e-mailed to its account, whether or not a webhook exists."""
        return False

    def due(self, event: Mapping[str, Any]) -> datetime | None:  # noqa: ARG002  for overrides
        """Return when the first attempt for a checked event is due; None for immediately."""
        return None


def _plain(messages: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the messages without `_schema`, marshmallow's name for the object itself: it is not a field."""
    return {
        str(name): inner.get("_schema") or _plain(inner) if isinstance(inner, Mapping) else inner
        for name, inner in messages.items()
    }
