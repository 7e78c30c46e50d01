"""Fields for texts that are sent in: each has a longest length, and holds nothing that would do harm later."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields, validate

from webhooks.actions.event_fields import Matches

# U+2028 and U+2029 end lines too.
_ONE_LINE = re.compile(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")
# What is in quotes, and what looks like an encoded word, is read by others in ways of their own.
_PLAIN_ADDRESS = re.compile(r"^(?:=*[!#-<>@-~]|\?)*=*$")
_MAX_EMAIL = 254


def text(longest: int, **options: Any) -> fields.String:
    """Return a field for any text that is not empty."""
    return fields.String(validate=validate.Length(min=1, max=longest), **options)


def line(longest: int, *, shortest: int = 1, **options: Any) -> fields.String:
    """Return a field for a text that may come to stand in a header of a mail, where it cannot begin another."""
    one_line = Matches(_ONE_LINE, error="Must not hold line breaks or control characters.")
    return fields.String(validate=[validate.Length(min=shortest, max=longest), one_line], **options)


def email(**options: Any) -> fields.Email:
    """Return a field for an e-mail address that can stand in a header as it is."""
    plain = Matches(_PLAIN_ADDRESS, error="Must be ASCII without spaces, quotes and `=?`: the domain as A-labels.")
    return fields.Email(validate=[validate.Length(max=_MAX_EMAIL), plain], **options)
