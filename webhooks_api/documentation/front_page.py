"""`/`: leads to the documentation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from webhooks_api.documentation.docs_page import PAGE


def front_page() -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("front", __name__)

    @blueprint.get("/")
    def lead() -> tuple[dict[str, Any], int, dict[str, str]]:
        """Redirect to the documentation by its path: a host would come from a header that any caller can write."""
        return {"status": "success", "message": f"The documentation is at {PAGE}."}, 302, {"Location": PAGE}

    return blueprint
