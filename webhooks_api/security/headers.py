"""The headers of every answer: security headers, and the headers of rate limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g

from webhooks.accounts.rate_limits import Allowance

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: On every answer, including errors; a route that needs another value sets it itself.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Always: only the proxy in front knows whether the caller came by https, and browsers ignore it over http.
    "Strict-Transport-Security": "max-age=31536000",
}
_BY_LOWER_NAME = {name.lower(): (name, value) for name, value in SECURITY_HEADERS.items()}


def install_security_headers(app: Flask) -> None:
    """Add the security headers to every answer of the application."""
    application = app.wsgi_app

    def guarded(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            added = (header for name, header in _BY_LOWER_NAME.items() if name not in own)
            return start_response(status, [*headers, *added], *more)

        return application(environment, start)

    app.wsgi_app = guarded  # type: ignore[method-assign, assignment]


def install_rate_limit_headers(app: Flask) -> None:
    """Make each answer to a call with a rate limit say how many calls are left."""

    @app.after_request
    def _add(answer: Response) -> Response:
        allowance: Allowance | None = g.get("allowance")
        if allowance is not None:
            answer.headers["X-RateLimit-Limit"] = str(allowance.limit)
            answer.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            answer.headers["X-RateLimit-Reset"] = str(allowance.reset)
        return answer
