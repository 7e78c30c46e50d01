"""Paths must match exactly; another spelling of a path is unknown.

WSGI hands over a path that is decoded already, and werkzeug takes several slashes at its beginning for one. A
proxy that keeps callers away from a path, as from `/api/admin`, may compare what it has received. So neither
`//api/admin/accounts` nor `/api%2Fadmin/accounts` may lead anywhere. No name or id of ours needs an encoding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: The target of a request: a path, or a whole URL (RFC 9112, sections 3.2.1 and 3.2.2), and perhaps a query.
_TARGET = re.compile(r"(?:https?://[^/?#]*)?(?P<path>(?:/[^?#]*)?)(?:\?.*)?", re.IGNORECASE)
#: Werkzeug would add a slash that is missing, and pass over all but one.
_BEGINNING = re.compile(r"/(?!/)")


def literal_path(environment: WSGIEnvironment) -> str | None:
    """Return the path of a request as it was sent, below where the application stands; None if it has none."""
    target = _TARGET.fullmatch(environment.get("RAW_URI") or environment["PATH_INFO"])
    if target is None:
        return None
    path = target["path"].removeprefix(environment.get("SCRIPT_NAME", "")) or "/"
    return path if _BEGINNING.match(path) else None
