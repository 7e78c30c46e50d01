"""The message of bad input is that of the first field, for clients that show only the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from webhooks.errors import InvalidInput

REQUIRED = "Missing data for required field."


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ({"url": ["Must begin with https://."]}, "url: Must begin with https://."),
        ({"url": ["blocked"]}, "url: blocked."),
        ({"action": [REQUIRED], "url": ["blocked"]}, f"action: {REQUIRED}"),
        ({"url": ["Too long.", "No URL."]}, "url: Too long."),
        ({"altEmails": {3: ["Not a valid email address."]}}, "altEmails.3: Not a valid email address."),
        ({"events": {"3": {"url": [REQUIRED]}}}, f"events.3.url: {REQUIRED}"),
        ({"item": {"link": [REQUIRED], "title": [REQUIRED]}}, f"item.link: {REQUIRED}"),
        ({"body": "The body is not JSON"}, "body: The body is not JSON."),
        ({"x" * 200: ["Unknown field."]}, f"{'x' * 100}: Unknown field."),
    ],
)
def test_the_message_names_the_first_field_and_its_error(errors: Mapping[str, Any], message: str) -> None:
    assert str(InvalidInput(errors)) == message
