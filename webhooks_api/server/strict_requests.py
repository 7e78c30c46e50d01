"""gunicorn's requests, with further checks that RFC 9112 requires.

An answer to a request whose body was not read completely says `Connection: close`. gunicorn would say
`keep-alive`, discard the rest of the body, and close the connection if the rest is long.
"""

from __future__ import annotations

import re

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.message import Request

#: A host and perhaps a port (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::[0-9]*)?")


class StrictRequest(Request):
    """A request with further checks of its head.

    Raises:
        ParseException: it is malformed, or must be refused.
    """

    body: Body

    def set_body_reader(self) -> None:
        """Prepare the reader of the body, and apply the head to the connection."""
        self._check_host()
        if "close" in self._connection_options():
            self.force_close()
        super().set_body_reader()
        if isinstance(self.body.reader, LengthReader):
            self.body = Body(_CountingReader(self.unreader, self.body.reader.length))

    def should_close(self) -> bool:
        """Report whether this must be the last request of the connection; called when the answer begins."""
        return bool(super().should_close()) or self._has_more_to_come()

    def _has_more_to_come(self) -> bool:
        """Report whether part of the body was neither read nor received with the parts that were read."""
        reader = self.body.reader
        if isinstance(reader, ChunkedReader):
            return reader.parser is not None  # None after the last chunk
        return bool(reader.length > self.unreader.buf.getbuffer().nbytes)

    def _check_host(self) -> None:
        """Require one well-formed Host (RFC 9112, section 3.2); gunicorn itself refuses a second one."""
        host = next((value for name, value in self.headers if name == "HOST"), None)
        if host is None and self.version < (1, 1):
            return
        if host is None or not _HOST.fullmatch(host):
            raise InvalidHeader("HOST", req=self)

    def _connection_options(self) -> set[str]:
        """Return the options of the Connection header, a list that may span several lines."""
        lines = [value for name, value in self.headers if name == "CONNECTION"]
        return {option.strip(" \t").lower() for line in lines for option in line.split(",")}


class _CountingReader(LengthReader):
    """Reads a body of known length. Bytes that never arrive, as the caller has closed, do not count as read."""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; fewer at the end of the body, or when the caller has closed."""
        wanted = min(size, self.length)
        text: bytes = super().read(size)
        self.length += wanted - len(text)
        return text
