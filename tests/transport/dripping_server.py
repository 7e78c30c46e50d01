"""An SMTP server that answers well at first, and then so slowly that it never ends, though it is never silent."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Self

#: Seconds between two bytes.
PAUSE = 0.05


class DrippingServer:
    """Serves one connection.

    Args:
        answers: what it says at first: the greeting, then one after each line that it is sent.
        drips: what it says then, a byte at a time, the last piece again and again.
        longest: seconds after which it hangs up, so that nobody waits for ever.
    """

    def __init__(self, answers: Sequence[bytes], drips: Sequence[bytes], longest: float) -> None:
        self._answers = answers
        self._drips = drips
        self._longest = longest
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, name="dripping-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        port: int = self._socket.getsockname()[1]
        return port

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the other side hangs up, or the test is over
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as lines:
                for answer in self._answers:
                    connection.sendall(answer)
                    lines.readline()
                for byte in self._bytes():
                    connection.sendall(bytes([byte]))
                    time.sleep(PAUSE)

    def _bytes(self) -> Iterator[int]:
        *before, again = self._drips
        return itertools.islice(itertools.chain(*before, itertools.cycle(again)), round(self._longest / PAUSE))
