"""An SMTP server that first answers normally, and then so slowly that it never ends without ever being silent."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence

from transport.loopback import Loopback

#: Seconds between two bytes.
PAUSE = 0.05
#: Seconds until it closes the connection, so that no test waits for ever.
LONGEST = 60.0


class DrippingServer(Loopback):
    """Serves one connection.

    Args:
        answers: the normal answers: the greeting, then one for each line that it receives.
        drips: what it sends afterwards, one byte at a time, the last part again and again.

    Attributes:
        given_up: set if the client was still there when it closed the connection.
    """

    def __init__(self, answers: Sequence[bytes], drips: Sequence[bytes]) -> None:
        super().__init__()
        self._answers = answers
        self._drips = drips
        self.given_up = False

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the client hangs up, or the test is over
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as lines:
                for answer in self._answers:
                    connection.sendall(answer)
                    lines.readline()
                for byte in self._bytes():
                    connection.sendall(bytes([byte]))
                    time.sleep(PAUSE)
                self.given_up = True

    def _bytes(self) -> Iterator[int]:
        *before, again = self._drips
        return itertools.islice(itertools.chain(*before, itertools.cycle(again)), round(LONGEST / PAUSE))
