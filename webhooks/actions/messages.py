"""`messages`: a message or a reaction in a conversation on a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from webhooks.actions.action import Action
from webhooks.actions.schema import EventSchema, items, nested, one_of, text

# The field that says which messages were read: on Facebook all of a conversation, on Instagram one.
_READ_NEEDS = {"facebook": "conversationId", "instagram": "mid"}


class MessagesSchema(EventSchema):
    """The fields of every `messages` event."""

    action = one_of("messages", required=True)
    subAction = text(required=True)
    platform = one_of("facebook", "instagram", "twitter", required=True)
    conversationId = text()


class MessageSchema(MessagesSchema):
    """A message was created or edited."""

    subAction = one_of("messageCreated", "messageEdited", required=True)
    id = text(required=True)
    type = one_of("received", "sent", required=True)
    senderId = text(required=True)
    recipientId = text(required=True)
    message = fields.String()
    senderDetails = nested("Sender", {"id": fields.String(), "username": fields.String(), "name": fields.String()})
    attachments = items(fields.Dict())


class ReadSchema(MessagesSchema):
    """A message, or a conversation up to a moment, was read."""

    subAction = one_of("messageRead", required=True)
    mid = text()
    read = fields.Raw()

    def check_together(self, checked: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Require the field that says what was read on this network."""
        needed = _READ_NEEDS.get(str(checked.get("platform")))
        if needed and needed not in event:
            raise ValidationError("Missing data for required field.", needed)


class ReactionSchema(MessagesSchema):
    """A reaction to a message was added or taken away."""

    subAction = one_of("reactionCreated", "reactionDeleted", required=True)
    mid = text(required=True)
    reaction = fields.String()
    emoji = fields.String()
    senderId = fields.String()


class UnknownSubActionSchema(MessagesSchema):
    """Any other sub-action: refused, together with the other errors of the event."""

    subAction = one_of(
        "messageCreated", "messageRead", "messageEdited", "reactionCreated", "reactionDeleted", required=True
    )


class MessagesAction(Action):
    """Events of each sub-action have their own schema."""

    _BY_SUB_ACTION: Mapping[str, EventSchema] = {
        "messageCreated": MessageSchema(),
        "messageEdited": MessageSchema(),
        "messageRead": ReadSchema(),
        "reactionCreated": ReactionSchema(),
        "reactionDeleted": ReactionSchema(),
    }

    @property
    def schemas(self) -> Mapping[str, EventSchema]:
        """The schemas of its events, by sub-action."""
        return self._BY_SUB_ACTION

    def schema_for(self, event: Mapping[str, Any]) -> EventSchema:
        """Return the schema of the event's sub-action."""
        return self._BY_SUB_ACTION.get(str(event.get("subAction")), self._schema)


MESSAGES = MessagesAction("messages", UnknownSubActionSchema())
