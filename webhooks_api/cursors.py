"""Cursors: where a page of the delivery log ended, in a form that nobody is tempted to make up.

A cursor is a place in a list. Whose list it is comes from the caller's keys, so a cursor opens nothing.
"""

from __future__ import annotations

import base64

from marshmallow import ValidationError

from webhooks.delivery_log.entries import Cursor


def cursor_of(place: Cursor) -> str:
    """Write a place as a cursor."""
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> Cursor:
    """Read a cursor.

    Raises:
        ValidationError: it is none of ours.
    """
    try:
        place = Cursor.read(base64.urlsafe_b64decode(f"{cursor}===").decode())
    except ValueError:
        place = None
    if place is None or cursor_of(place) != cursor:
        raise ValidationError("Must be the cursor of the answer before.")
    return place
