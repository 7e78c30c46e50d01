"""What every action has: a name, a schema for its events, and rules with their usual answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from webhooks.actions.schema import EventSchema
from webhooks.actions.shapes import Shape
from webhooks.errors import InvalidInput


class Action:
    """An entry of the catalogue. An action with rules of its own overrides what differs.

    Args:
        name: the word in an event's `action`.
        schema: what its events look like.
        keeps_url: `url` is the event's own field, so the payload must not give the webhook's URL instead.
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

    def schema_for(self, event: Mapping[str, Any]) -> EventSchema:  # noqa: ARG002  here all events share one
        """Return the schema that this event must fit."""
        return self._schema

    def check(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the event with the arrays that receivers index filled in where they were left out.

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

    def notifies(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002  here every event does
        """Report whether webhooks are called for a checked event."""
        return True

    def mails(self, event: Mapping[str, Any]) -> bool:  # noqa: ARG002  here none does
        """Report whether a checked event makes an e-mail to its account, whether or not there is a webhook."""
        return False

    def due(self, event: Mapping[str, Any]) -> datetime | None:  # noqa: ARG002  here never later
        """Return when the first attempt for a checked event is to be made; None for at once."""
        return None


def _plain(messages: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the messages without marshmallow's word for "the object itself", which is no field of the event."""
    return {
        str(name): inner.get("_schema") or _plain(inner) if isinstance(inner, Mapping) else inner
        for name, inner in messages.items()
    }
