"""The operations of the OpenAPI document: a name for generated clients, and the kind of key, for each call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apispec import BasePlugin
from werkzeug.routing import Rule

#: The three kinds of keys. Each is a separate scheme, so that a generated client asks for the right one.
SECURITY_SCHEMES: Mapping[str, Mapping[str, str]] = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "A customer's API key."},
    "producerKey": {"type": "http", "scheme": "bearer", "description": "A producer's key."},
    "adminKey": {"type": "http", "scheme": "bearer", "description": "The operator's key."},
}
_SCHEME_BY_PREFIX = {"/api/admin/": "adminKey", "/api/events": "producerKey", "/api/": "apiKey"}


class Operations(BasePlugin):
    """Adds `operationId` and `security` to every operation."""

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **options: Any
    ) -> None:
        """Complete the operations of a path. If a view serves several methods, the first has its plain name."""
        rule: Rule = options["rule"]  # flask-smorest passes it
        view = rule.endpoint.rpartition(".")[2]
        scheme = next(scheme for prefix, scheme in _SCHEME_BY_PREFIX.items() if str(path).startswith(prefix))
        for index, (method, operation) in enumerate((operations or {}).items()):
            name = view if index == 0 else f"{view}_by_{method}"
            operation["operationId"] = _camel_case(name)
            operation["security"] = [{scheme: []}]


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
