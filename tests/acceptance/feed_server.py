"""A TLS server of feeds that a test can change at any time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from webhooks_local.receiver.https_server import HttpsHandler, HttpsServer

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Page:
    """An answer of the server.

    Attributes:
        zeros: the number of zero bytes after the body.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    zeros: int = 0


class FeedServer:
    """Answers each path with its page, or with 304 if the client has the current one.

    Attributes:
        pages: the pages by path.
        answered: the pages that were answered, with 200 or 304, by path and in order.
        sent: the number of bytes that clients have accepted, by path.
    """

    def __init__(self, certificate: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.answered: defaultdict[str, list[Page]] = defaultdict(list)
        self.sent: defaultdict[str, int] = defaultdict(int)
        self._server = HttpsServer(("127.0.0.1", 0), _handler_for(self), certificate)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"https://127.0.0.1:{self._server.server_address[1]}{path}"


def rss(items: Mapping[str, str]) -> Page:
    """Return an RSS feed of titles by guid."""
    inner = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>https://a.example/</link></item>"
        for guid, title in items.items()
    )
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{inner}</channel></rss>"
    return Page(body.encode(), headers={"Content-Type": "application/rss+xml"})


def atom(items: Mapping[str, str]) -> Page:
    """Return an Atom feed of titles by id."""
    inner = "".join(
        f"<entry><id>{guid}</id><title>{title}</title><link href='https://a.example/'/></entry>"
        for guid, title in items.items()
    )
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title>{inner}</feed>"
    return Page(body.encode(), headers={"Content-Type": "application/atom+xml"})


def _handler_for(server: FeedServer) -> type[HttpsHandler]:
    class Handler(HttpsHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base class' name
            page = server.pages[self.path]
            etag = f'"{hashlib.sha256(page.body).hexdigest()}"'
            known = page.status == 200 and self.headers.get("If-None-Match") == etag
            length = 0 if known else len(page.body) + page.zeros
            self.send_response(304 if known else page.status)
            for name, value in {"Content-Length": length, "ETag": etag, **page.headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            if not known:
                self._send(page)
            server.answered[self.path].append(page)

        def _send(self, page: Page) -> None:
            self.wfile.write(page.body)
            chunks: Any = [_CHUNK] * (page.zeros // _CHUNK) + [page.zeros % _CHUNK]
            for size in chunks:
                try:
                    self.wfile.write(bytes(size))
                except OSError:  # the client has closed the connection
                    self.close_connection = True
                    return
                server.sent[self.path] += size

    return Handler
