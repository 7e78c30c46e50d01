"""What can go wrong, in one small tree; a class's docstring is the message people see.

`webhooks_api.errors` maps each to an HTTP status and a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RingbackError(Exception):
    """Something went wrong."""

    def __str__(self) -> str:
        """The message: what was handed in, else the class's docstring."""
        return str(self.args[0]) if self.args else str(type(self).__doc__)


class InvalidInput(RingbackError):
    """A parameter is missing or malformed."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        """Take messages by field, `{"url": ["Missing data for required field."]}`; nested fields nest."""
        super().__init__(f"{type(self).__doc__} See errors: {', '.join(map(str, errors))}.")
        self.errors = dict(errors)


class NotAuthenticated(RingbackError):
    """The key in the Authorization header is absent or unknown."""


class UnknownProfileKey(RingbackError):
    """The Profile-Key belongs to no profile of this account."""


class UnknownProfile(RingbackError):
    """No profile has this refId."""


class UnknownAccount(RingbackError):
    """No account has this refId."""


class UnknownWebhook(RingbackError):
    """No webhook is registered for this action."""


class UnknownDelivery(RingbackError):
    """No delivery has this hookId."""


class IdempotencyConflict(RingbackError):
    """This idempotency key was used for another event."""


class TooManyCalls(RingbackError):
    """Too many calls were made."""

    def __init__(self, retry_after: int, what: str | None = None) -> None:
        """Take the whole seconds until one is taken again, and another sentence on what there were too many of."""
        super().__init__(f"{what or type(self).__doc__} Try again in {retry_after} s.")
        self.retry_after = retry_after


class StorageUnavailable(RingbackError):
    """Storage cannot be used now, and nothing is promised. Try again."""
