"""`social`: a profile's account on a network was linked or unlinked, or has to be refreshed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from webhooks.actions.action import Action
from webhooks.actions.event_fields import Moment
from webhooks.actions.schema import EventSchema, nested, one_of, text


class SocialSchema(EventSchema):
    """A `social` event."""

    action = one_of("social", required=True)
    type = one_of("link", "unlink", "refresh", required=True)
    platform = text(required=True)
    source = one_of("system", "user", load_default="user")
    displayName = fields.String()
    details = nested(
        "Details", {"status": fields.String(), "code": fields.Integer(strict=True), "message": fields.String()}
    )
    refreshBy = Moment()

    def check_together(self, checked: Mapping[str, Any], event: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Refuse a `refreshBy` without a refresh."""
        if "refreshBy" in checked and checked.get("type") in {"link", "unlink"}:
            raise ValidationError("Goes with type refresh only.", "refreshBy")


class SocialAction(Action):
    """An account that the system unlinked is reported by e-mail too."""

    def mails(self, event: Mapping[str, Any]) -> bool:
        """Report whether the system unlinked the account, and the event is not a test."""
        return (event["type"], event["source"]) == ("unlink", "system") and event.get("test") is not True


SOCIAL = SocialAction("social", SocialSchema())
