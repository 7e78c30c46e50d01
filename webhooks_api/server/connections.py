"""A caller's connection: requests are read strictly, and answers must be read in time."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from gunicorn.http import RequestParser
from gunicorn.workers.gthread import TConn

from webhooks_api.server.strict_requests import StrictRequest


class Connection(TConn):
    """A connection of gunicorn, with strict requests and a send timeout.

    Attributes:
        send_timeout: whole seconds within which a caller must read some of an answer.
    """

    send_timeout = 10

    def init(self) -> None:
        """Prepare for the first request; gunicorn calls it before every request."""
        if self.initialized:
            return
        with suppress(OSError):  # on systems where the option has another form, there is no limit
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", self.send_timeout, 0))
        super().init()
        if isinstance(self.parser, RequestParser):
            self.parser.mesg_class = StrictRequest
