"""The receiver itself: it answers by the path, and keeps every call."""

from __future__ import annotations

import threading
from collections import defaultdict
from pathlib import Path

from webhooks_local.certificates import RECEIVER_HOST, ensure_certificates
from webhooks_local.receiver.behaviours import Reply, by_path
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.endpoint import Endpoint


class Receiver(Endpoint):
    """Answers by the first segment of the path, and keeps every call.

    `/ok/…`, `/status/<code>/…`, `/fail/<n>/…`, `/hang/…`, `/drip/…`, `/redirect/…` and `/close/…` are
    described in behaviours.py; the rest of a path makes it one's own, so that many live side by side.

    Args:
        certificate: PEM file of private key and chain.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.

    Raises:
        OSError: the address cannot be listened on, or the certificate not be read.
    """

    def __init__(self, certificate: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self._calls: list[Call] = []
        self._by_path: defaultdict[str, list[Call]] = defaultdict(list)
        self._came = threading.Condition()
        super().__init__(certificate, host, port, self._respond)

    def calls(self, path: str | None = None) -> list[Call]:
        """Return the calls that `path` has had so far, or all of them, oldest first."""
        with self._came:
            return list(self._calls if path is None else self._by_path[path])

    def wait_for(self, path: str, count: int, deadline_seconds: float) -> list[Call]:
        """Return the calls of `path` as soon as there are `count` or more.

        Raises:
            TimeoutError: there are fewer after `deadline_seconds`; the message says what came.
        """
        with self._came:
            if self._came.wait_for(lambda: len(self._by_path[path]) >= count, deadline_seconds):
                return self.calls(path)
        came = ", ".join(f"{call.method} {call.path}" for call in self.calls()) or "nothing"
        raise TimeoutError(
            f"{len(self.calls(path))} of {count} calls of {path} in {deadline_seconds} s; came: {came}"
        )

    def _respond(self, call: Call) -> Reply:
        with self._came:
            self._calls.append(call)
            self._by_path[call.path].append(call)
            self._came.notify_all()
            count = len(self._by_path[call.path])
        return by_path(call.path, count) or Reply(404)


def open_on_this_machine() -> Receiver:
    """Return a receiver at the one address that `make run` allows, with the certificate that it trusts.

    Raises:
        OSError: the address is not there; the message says what to do.
    """
    return Receiver(ensure_certificates(Path("var")).receiver, RECEIVER_HOST)
