"""Fields for texts: each has a maximum length, and no characters that would do harm later."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields, validate

from webhooks.actions.event_fields import Matches

# U+2028 and U+2029 end lines too.
_ONE_LINE = re.compile(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")
# Mail programs differ in how they read quoted text, and text that looks like an encoded word.
_PLAIN_ADDRESS = re.compile(r"^(?:=*[!#-<>@-~]|\?)*=*$")
_MAX_EMAIL = 254


def text(longest: int, **options: Any) -> fields.String:
    """Return a field for any non-empty text."""
    return fields.String(validate=validate.Length(min=1, max=longest), **options)


def line(longest: int, *, shortest: int = 1, **options: Any) -> fields.String:
    """Return a field for a text that may appear in a header of an e-mail, where it must not begin another one."""
    one_line = Matches(_ONE_LINE, error="Must not hold line breaks or control characters.")
    return fields.String(validate=[validate.Length(min=shortest, max=longest), one_line], **options)


def email(**options: Any) -> fields.Email:
    """Return a field for an e-mail address that fits unchanged into a header."""
    plain = Matches(_PLAIN_ADDRESS, error="Must be ASCII without spaces, quotes and `=?`: the domain as A-labels.")
    return fields.Email(validate=[validate.Length(max=_MAX_EMAIL), plain], **options)
