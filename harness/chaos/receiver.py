"""`python -m harness.chaos.receiver CERTIFICATE PORT JOURNAL`: accept calls over TLS, record each, then answer.

The first segment of a path selects the answer: `/ok`, `/flaky` (500 to the first attempt), `/failing` (500),
`/slow` (200 after a second), `/unresponsive` and `/poison` (never).
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from pathlib import Path

from webhooks_local.receiver.https_server import HttpsHandler, HttpsServer

SLOW_SECONDS = 1.0
#: The paths that never answer with success.
HOPELESS = frozenset({"/failing", "/hanging", "/poison"})


class Journal:
    """Lines of JSON that are flushed before `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="ascii")
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def number(self) -> int:
        """Return a number for a call, which its two lines share."""
        return next(self._numbers)

    def write(self, **line: object) -> None:
        """Append a line."""
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


def handler_for(journal: Journal) -> type[HttpsHandler]:
    """Return a class of handlers that write to a journal."""

    class Handler(HttpsHandler):
        def do_POST(self) -> None:  # noqa: N802 - the base class' name
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            attempt = int(self.headers["X-Webhook-Attempt"])
            number = journal.number()
            journal.write(
                call=number,
                hookId=body["hookId"],
                attempt=attempt,
                retry=body["retry"],
                path=self.path,
                peer=self.client_address[1],
                arrived=time.time(),
            )
            status = self._status(attempt)
            if status is None:
                self.close_connection = True
                return
            journal.write(call=number, status=status, answered=time.time())
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _status(self, attempt: int) -> int | None:
            """Return the status of the answer, when it is time for it; None for no answer."""
            match self.path:
                case "/flaky":
                    return 500 if attempt == 1 else 200
                case "/failing":
                    return 500
                case "/slow":
                    return None if self.server.closing.wait(SLOW_SECONDS) else 200
                case "/hanging" | "/poison":
                    self.server.closing.wait()
                    return None
            return 200

    return Handler


def main() -> None:
    """Serve until the process is stopped."""
    certificate, port, journal = sys.argv[1:]
    server = HttpsServer(("127.0.0.1", int(port)), handler_for(Journal(Path(journal))), Path(certificate))
    server.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
