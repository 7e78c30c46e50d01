"""The errors of Ringback in one small tree; the docstring of a class is the message that callers see.

`webhooks_api.errors` maps each of them to an HTTP status and a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

#: The maximum number of fields that an error names, and of the characters of each name: callers can send any
#: names.
MAX_FIELDS = 25
MAX_CHARACTERS = 100


class RingbackError(Exception):
    """Something went wrong."""

    def __str__(self) -> str:
        """The message that was given, or the docstring of the class."""
        return str(self.args[0]) if self.args else str(type(self).__doc__)


class InvalidInput(RingbackError):
    """A parameter is missing or malformed."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        """Take the messages by field, `{"url": ["Missing data for required field."]}`; nested fields nest.

        The first one becomes the error's message. Fields beyond `MAX_FIELDS` are dropped, and names are cut to
        `MAX_CHARACTERS`.
        """
        self.errors = {
            str(name)[:MAX_CHARACTERS]: messages for name, messages in islice(errors.items(), MAX_FIELDS)
        }
        super().__init__(_first_message(self.errors))


def _first_message(errors: Any) -> str:
    """Return the first message after the path of its field, as in `postIds.3.id: Not a valid string.`."""
    path = []
    while isinstance(errors, Mapping | Sequence) and not isinstance(errors, str):
        if isinstance(errors, Mapping):
            name, errors = next(iter(errors.items()))
            path.append(str(name)[:MAX_CHARACTERS])
        else:
            errors = errors[0]
    sentence = str(errors)
    return f"{'.'.join(path)}: {sentence}{'' if sentence.endswith(('.', '!', '?')) else '.'}"


class NotAuthenticated(RingbackError):
    """The key in the Authorization header is absent or unknown."""


class UnknownProfileKey(RingbackError):
    """The Profile-Key belongs to no profile of this account."""


class PlanRequired(RingbackError):
    """The account's plan does not include this."""

    def __init__(self, plans: Sequence[str]) -> None:
        """Take the plans that include it."""
        super().__init__(f"{type(self).__doc__} These do: {', '.join(plans)}.")


class AddOnRequired(RingbackError):
    """The account lacks an add-on."""

    def __init__(self, add_on: str) -> None:
        """Take the name of the add-on."""
        super().__init__(f"This needs the {add_on} add-on, which the account does not have.")


class UnknownProfile(RingbackError):
    """No profile has this refId."""


class TooManyProfiles(RingbackError):
    """An account can have at most 5000 user profiles."""


class KeyReplaced(RingbackError):
    """This key has been replaced already."""


class OldKeyStillValid(RingbackError):
    """The key before this one is still valid."""

    def __init__(self, until: datetime) -> None:
        """Take the time until which it is valid."""
        super().__init__(
            f"The key before this one is valid until {until:%Y-%m-%dT%H:%M:%SZ}; replace again then, or with "
            "graceSeconds 0, which ends all older keys at once."
        )


class UnknownAccount(RingbackError):
    """No account has this refId."""


class UnknownWebhook(RingbackError):
    """No webhook is registered for this action."""


class UnknownDelivery(RingbackError):
    """No delivery has this hookId."""


class StillOwed(RingbackError):
    """This delivery has not ended: it is owed an attempt. It can be sent again when it has ended."""


class AttemptedTooOften(RingbackError):
    """This delivery was attempted 100 times, so it is not sent again."""


class UnknownRecovery(RingbackError):
    """No recovery has this id."""


class TooManyRecoveries(RingbackError):
    """10 recoveries of this account are running. Begin another when one of them has finished."""


class TooManyFeeds(RingbackError):
    """A profile can follow at most 50 feeds."""


class TooManyFeedsOfAccount(RingbackError):
    """All profiles of an account together can follow at most 500 feeds."""


class UnknownFeed(RingbackError):
    """The profile follows no feed with this feedId."""


class IdempotencyConflict(RingbackError):
    """This idempotency key was used for another event."""


class EventTooLarge(RingbackError):
    """The event is longer than 262144 bytes as JSON."""


class TooManyCalls(RingbackError):
    """Too many calls were made."""

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        """Take the whole seconds until the next call is accepted, and a message instead of the docstring."""
        super().__init__(f"{message or type(self).__doc__} Try again in {retry_after} s.")
        self.retry_after = retry_after


class OutOfResources(RingbackError):
    """This server is short of open files, memory or ports now, and nothing has changed. Try again."""


class StorageUnavailable(RingbackError):
    """Storage cannot be used now, and nothing is promised. Try again."""
