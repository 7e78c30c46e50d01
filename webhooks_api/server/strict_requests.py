"""Requests as gunicorn reads them, and what RFC 9112 demands beyond that.

An answer whose request has more of a body to come is the last on its connection, and says so. gunicorn would say
that another request may follow, throw away what comes of the body, and hang up if that is long.
"""

from __future__ import annotations

import re

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.message import Request

#: A host and perhaps a port (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::[0-9]*)?")


class StrictRequest(Request):
    """A request, checked further when its head has come.

    Raises:
        ParseException: it cannot be read, or must not be.
    """

    body: Body

    def set_body_reader(self) -> None:
        """Prepare for reading the body, and say what the head means for the connection."""
        self._check_host()
        if "close" in self._connection_options():
            self.force_close()
        super().set_body_reader()
        if isinstance(self.body.reader, LengthReader):
            self.body = Body(_CountingReader(self.unreader, self.body.reader.length))

    def should_close(self) -> bool:
        """Report whether no other request may follow on the connection; called when the answer begins."""
        return bool(super().should_close()) or self._has_more_to_come()

    def _has_more_to_come(self) -> bool:
        """Report whether part of the body has not been read, nor received together with what was read."""
        reader = self.body.reader
        if isinstance(reader, ChunkedReader):
            return reader.parser is not None  # it is dropped behind the last chunk
        return bool(reader.length > self.unreader.buf.getbuffer().nbytes)

    def _check_host(self) -> None:
        """Demand one well-formed Host, as RFC 9112, section 3.2, does; gunicorn refuses a second one itself."""
        host = next((value for name, value in self.headers if name == "HOST"), None)
        if host is None and self.version < (1, 1):
            return
        if host is None or not _HOST.fullmatch(host):
            raise InvalidHeader("HOST", req=self)

    def _connection_options(self) -> set[str]:
        """Return what the caller asks of the connection: a list, perhaps over several lines."""
        lines = [value for name, value in self.headers if name == "CONNECTION"]
        return {option.strip(" \t").lower() for line in lines for option in line.split(",")}


class _CountingReader(LengthReader):
    """Reads a body of a known length. What has not come, as its sender has hung up, is not counted as read."""

    def read(self, size: int) -> bytes:
        """Return up to so many bytes; fewer at the end of the body, or when the sender has hung up."""
        wanted = min(size, self.length)
        text: bytes = super().read(size)
        self.length += wanted - len(text)
        return text
