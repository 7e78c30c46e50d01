"""An SMTP server that answers well at first, and then so slowly that it never ends, though it is never silent."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence

from transport.loopback import Loopback

#: Seconds between two bytes.
PAUSE = 0.05
#: Seconds after which it hangs up, so that no one waits for ever.
LONGEST = 60.0


class DrippingServer(Loopback):
    """Serves one connection.

    Args:
        answers: what it says at first: the greeting, then one after each line that it is sent.
        drips: what it says then, a byte at a time, the last piece again and again.

    Attributes:
        given_up: set if it dripped for as long as anybody should be waited for, and then hung up.
    """

    def __init__(self, answers: Sequence[bytes], drips: Sequence[bytes]) -> None:
        super().__init__()
        self._answers = answers
        self._drips = drips
        self.given_up = False

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
                self.given_up = True

    def _bytes(self) -> Iterator[int]:
        *before, again = self._drips
        return itertools.islice(itertools.chain(*before, itertools.cycle(again)), round(LONGEST / PAUSE))
