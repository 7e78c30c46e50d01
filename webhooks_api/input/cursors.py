"""Cursors of the delivery log, as opaque text.

A cursor is a position in a list. The list depends on the caller's key, so a cursor grants no access.
"""

from __future__ import annotations

import base64

from marshmallow import ValidationError

from webhooks.delivery_log.entries import Cursor


def encode_cursor(cursor: Cursor) -> str:
    """Return a cursor as text."""
    return base64.urlsafe_b64encode(str(cursor).encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Return the cursor of a text that `encode_cursor` has returned.

    Raises:
        ValidationError: the text is not a cursor.
    """
    try:
        cursor = Cursor.read(base64.urlsafe_b64decode(f"{text}===").decode())
    except ValueError:
        cursor = None
    if cursor is None or encode_cursor(cursor) != text:
        raise ValidationError("Must be the cursor of the answer before.")
    return cursor
