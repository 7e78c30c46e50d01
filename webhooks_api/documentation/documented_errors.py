"""The errors in the OpenAPI document, each described once; `webhooks_api.errors` makes them."""

from __future__ import annotations

from flask_smorest import Api

from webhooks_api.schemas.shared import Error

#: The meaning of each status. A documented call has no other errors, unless Ringback itself fails.
_MEANINGS = {
    400: "A parameter is missing or malformed, or the body is no strict JSON. `errors` has messages by field.",
    401: "The key in the Authorization header is absent or unknown.",
    403: "The Profile-Key belongs to no profile of this account, or its plan or add-ons do not include this.",
    404: "There is nothing by this name.",
    409: "It cannot be done beside what was done before; the message says why not.",
    413: "The body, or an event in it, is too long.",
    415: "The body is not declared as application/json in UTF-8, or is compressed.",
    429: "Too many calls. Retry-After says when to call again.",
    503: "Storage cannot be used now, or the server is out of files or memory, and nothing is promised. "
    "Retry-After says when to call again.",
}
_OF_EVERY_ROUTE = (400, 401, 429, 503)
_OF_BODIES = (413, 415)
_TRY_AGAIN = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}


def error_responses(*statuses: int, takes_body: bool = False) -> dict[int, str]:
    """Return the `responses` of a route: the errors of every route, and those of these statuses."""
    found = {*_OF_EVERY_ROUTE, *statuses, *(_OF_BODIES if takes_body else ())}
    return {status: _name(status) for status in sorted(found)}


def document_errors(api: Api) -> None:
    """Add the errors to the document, so that routes can refer to them."""
    for status, meaning in _MEANINGS.items():
        response = {"description": meaning, "content": {"application/json": {"schema": Error}}}
        if status in {429, 503}:
            response["headers"] = _TRY_AGAIN
        api.spec.components.response(_name(status), response)


def _name(status: int) -> str:
    return f"Error{status}"
