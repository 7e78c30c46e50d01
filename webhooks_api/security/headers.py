"""Headers by which a browser does with an answer what it is meant for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: On every answer, errors among them; a route that needs another value sets it itself.
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
    """Give every answer of the application its headers."""
    application = app.wsgi_app

    def guarded(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            added = (header for name, header in _BY_LOWER_NAME.items() if name not in own)
            return start_response(status, [*headers, *added], *more)

        return application(environment, start)

    app.wsgi_app = guarded  # type: ignore[method-assign, assignment]
