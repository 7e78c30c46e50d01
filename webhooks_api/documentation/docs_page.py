"""The page at `/api/docs` that shows the OpenAPI document: Swagger UI, from the wheel of flask-swagger-ui.

Nothing is loaded from other servers, which would learn who reads the page. The wheel's own page cannot be used: it
has an inline script, and names a validator on the internet.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory

PAGE = "/api/docs"

_OWN = Path(str(files("webhooks_api.documentation") / "page"))
_SWAGGER_UI = Path(str(files("flask_swagger_ui") / "dist"))
_FILES = {
    "start.js": _OWN,
    "index.css": _SWAGGER_UI,
    "swagger-ui.css": _SWAGGER_UI,
    "swagger-ui-bundle.js": _SWAGGER_UI,
    "favicon-32x32.png": _SWAGGER_UI,
}
_AN_HOUR = 3600

#: The page may load and request resources of this server only, and may not be framed.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def docs_page() -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("docs", __name__, url_prefix=PAGE)

    @blueprint.get("")
    @blueprint.get("/")
    def page() -> Response:
        answer = send_from_directory(_OWN, "index.html")
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    @blueprint.get("/<name>")
    def file(name: str) -> Response:
        if name not in _FILES:
            abort(404)
        return send_from_directory(_FILES[name], name, max_age=_AN_HOUR)

    return blueprint
