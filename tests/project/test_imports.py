"""Each library that reaches the outside is imported in one place only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("config", "messaging", "webhooks", "webhooks_api", "webhooks_worker", "webhooks_cli", "client")
#: Where each may be imported: a folder or a file.
PLACES = {
    "redis": ("webhooks/store/",),
    "pycurl": ("webhooks/http/transport/",),
    "pycares": ("webhooks/http/resolver.py",),
    "feedparser": ("webhooks/feeds/reader/document.py",),
    "smtplib": ("webhooks/mail/smtp/",),
    "requests": ("client/webhooks_client/", "webhooks_cli/"),
    "celery": ("messaging/", "webhooks_worker/"),
    "kombu": ("messaging/",),
    "flask": ("webhooks_api/",),
    "gunicorn": ("webhooks_api/server/",),
    "greenlet": ("webhooks/runtime/", "webhooks_api/server/"),
}


def imported(path: Path) -> Iterator[str]:
    """Yield the packages that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            yield node.module.partition(".")[0]


IMPORTS = [
    (str(path.relative_to(ROOT)), package)
    for product in PRODUCT
    for path in (ROOT / product).rglob("*.py")
    for package in imported(path)
]


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_imported_where_it_belongs(library: str) -> None:
    files = {file for file, package in IMPORTS if package == library}
    assert files
    assert {file for file in files if not file.startswith(PLACES[library])} == set()
