"""Positions in a list, as Redis returns them and as any caller may send them."""

from __future__ import annotations

import pytest

from webhooks.delivery_log.entries import LAST_CURSOR, Cursor


@pytest.mark.parametrize("place", [Cursor(0, 0), Cursor(1_767_607_200_000, 3), LAST_CURSOR])
def test_a_cursor_is_read_as_it_was_written(place: Cursor) -> None:
    assert Cursor.read(str(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "1", "1-", "-1", "1-2-3", " 1-2", "1-2\n", "+", "1-*", "(1-2", "1.0-2", "0x1-2", "\u0661-2"),
        *("18446744073709551616-0", "0-18446744073709551616", "1" * 5_000 + "-0"),
    ],
)
def test_a_malformed_cursor_is_refused(text: str) -> None:
    """Redis would answer with an error, or take it for another position."""
    with pytest.raises(ValueError, match=r"."):
        Cursor.read(text)


def test_cursors_are_in_the_order_of_time() -> None:
    assert Cursor(1, 9) < Cursor(2, 0) < Cursor(2, 1) < LAST_CURSOR
