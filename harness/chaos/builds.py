"""Builds with an intended fault, which the harness must find."""

from __future__ import annotations

import shutil
from pathlib import Path

from webhooks_local.fleet import ROOT

_CLAIM = Path("webhooks/store/lua/deliveries/claim.lua")
#: The line that decides how long a delivery is not due yet, and so whether it is leased; and its replacement.
_WAIT, _NO_WAIT = "local wait = tonumber(due) - now", "local wait = 0"


def without_the_lease(directory: Path) -> Path:
    """Return a copy of the checkout in which leased and future deliveries are claimed as well.

    Raises:
        ValueError: claim.lua has changed, and no longer contains the line.
    """
    copy = directory / "without-the-lease"
    copy.mkdir(parents=True)
    for package in (*ROOT.glob("webhooks*"), ROOT / "config", ROOT / "messaging", ROOT / "harness"):
        if package.is_dir():
            shutil.copytree(package, copy / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Procfile", copy)
    script = (copy / _CLAIM).read_text()
    if script.count(_WAIT) != 1:
        raise ValueError(f"{_CLAIM} does not have {_WAIT!r} once")
    (copy / _CLAIM).write_text(script.replace(_WAIT, _NO_WAIT))
    return copy
