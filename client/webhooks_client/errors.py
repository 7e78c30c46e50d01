"""The errors of the client; the first line of a docstring is the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webhooks_client.receipts import Result


class ClientError(Exception):
    """Sending to Ringback failed.

    Attributes:
        results: the known result of each event of the call, in order; None for an event that is not confirmed.
        unconfirmed: copies of the events without a result, each with its `idempotencyKey`. The service may have
            stored some of them if its answer was lost. Pass them to `send_many` again: for 24 hours the service
            knows the keys and stores none twice.
    """

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.results: Sequence[Result | None] = []
        self.unconfirmed: Sequence[Mapping[str, Any]] = []

    def __str__(self) -> str:
        """The message, then the detail."""
        message = str(type(self).__doc__).partition("\n")[0]
        return f"{message} {self.detail}".rstrip()


class Unauthorized(ClientError):
    """Ringback does not let this key send events."""


class Unavailable(ClientError):
    """Ringback could not be reached, or was too busy, for as long as the client's patience lasts."""


class UnexpectedAnswer(ClientError):
    """Ringback's answer is not one this client understands. Is it the right URL?

    Another service, a proxy or a captive portal may have answered. The state of the events is unknown.

    Attributes:
        status: the HTTP status of the answer; None if only the body was unexpected.
    """

    def __init__(self, detail: str = "", status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


class Rejected(ClientError):
    """Ringback refused the event, and would again.

    Attributes:
        code: the service's code for the reason, such as 101 for an invalid field; None if there is none.
        message: the reason in a sentence.
        errors: messages by field, `{"platform": ["Missing data for required field."]}`; nested fields nest.
        status: the HTTP status of the answer; None if the client refused the event before any call.
    """

    def __init__(
        self,
        message: str,
        code: int | None = None,
        errors: Mapping[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.errors = dict(errors or {})
        self.status = status
