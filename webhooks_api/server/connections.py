"""A caller's connection: its requests are read strictly, and it may not keep an answer waiting for ever."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from gunicorn.http import RequestParser
from gunicorn.workers.gthread import TConn

from webhooks_api.server.strict_requests import StrictRequest

#: Seconds in which a caller must take in some of an answer.
SEND_PATIENCE = 10


class Connection(TConn):
    """What gunicorn knows of a connection."""

    def init(self) -> None:
        """Prepare for the first request; called before each."""
        if self.initialized:
            return
        with suppress(OSError):  # where it has another form, there is no limit
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_PATIENCE, 0))
        super().init()
        if isinstance(self.parser, RequestParser):
            self.parser.mesg_class = StrictRequest
