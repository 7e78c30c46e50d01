"""Headers by which a browser does with an answer what it is meant for, and nothing else."""

from __future__ import annotations

from flask import Flask, Response

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


def install_security_headers(app: Flask) -> None:
    """Give every answer of the application its headers."""

    @app.after_request
    def _add(answer: Response) -> Response:
        own = {name.lower() for name, _ in answer.headers}
        answer.headers.extend(header for header in SECURITY_HEADERS.items() if header[0].lower() not in own)
        return answer
