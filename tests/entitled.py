"""The entitlements of each plan with and without the add-on, written by hand and independent of the code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: The result of registering a webhook for an action: 200, or the code of the 403.
_REGISTERING = """
plan        add-on     scheduled  social  messages  batch  feed
free        -          169        169     169       169    169
free        messaging  169        169     169       169    169
premium     -          200        200     361       200    200
premium     messaging  200        200     200       200    200
launch      -          200        200     361       200    200
launch      messaging  200        200     200       200    200
business    -          200        200     361       200    200
business    messaging  200        200     200       200    200
enterprise  -          200        200     361       200    200
enterprise  messaging  200        200     200       200    200
"""

#: Whether an event of an action, and of its platform if any, is delivered.
_DELIVERING = """
plan        add-on     scheduled  social/   social/    social/  messages/  messages/  messages/  batch  feed
                                  facebook  instagram  twitter  facebook   instagram  twitter
free        -          no         no        no         no       no         no         no         no     no
free        messaging  no         no        no         no       no         no         no         no     no
premium     -          yes        yes       yes        yes      no         no         no         yes    yes
premium     messaging  yes        yes       yes        yes      yes        yes        no         yes    yes
launch      -          yes        yes       yes        yes      no         no         no         yes    yes
launch      messaging  yes        yes       yes        yes      yes        yes        no         yes    yes
business    -          yes        yes       yes        yes      no         no         no         yes    yes
business    messaging  yes        yes       yes        yes      yes        yes        no         yes    yes
enterprise  -          yes        yes       yes        yes      no         no         no         yes    yes
enterprise  messaging  yes        yes       yes        yes      yes        yes        yes        yes    yes
"""


@dataclass(frozen=True)
class Row:
    """The entitlements of an account.

    Attributes:
        cells: the results by action, or by `action/platform`.
    """

    plan: str
    add_ons: tuple[str, ...]
    cells: dict[str, str]

    def __str__(self) -> str:
        """The name of the row: `premium`, `premium messaging`."""
        return " ".join((self.plan, *self.add_ons))


def _rows(table: str) -> Iterator[Row]:
    first, *others = [line.split() for line in table.strip().splitlines()]
    names = first[2:]
    for line in others:
        if line[0] == "facebook":  # the second line of the head
            platforms = iter(line)
            names = [name + next(platforms) if name.endswith("/") else name for name in names]
        else:
            plan, add_on, *cells = line
            yield Row(plan, () if add_on == "-" else (add_on,), dict(zip(names, cells, strict=True)))


REGISTERING = list(_rows(_REGISTERING))
DELIVERING = list(_rows(_DELIVERING))
