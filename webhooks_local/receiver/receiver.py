"""A receiver that replies as the path asks, and stores every call."""

from __future__ import annotations

import threading
from collections import defaultdict
from pathlib import Path

from webhooks_local.certificates import RECEIVER_HOST, ensure_certificates
from webhooks_local.receiver.behaviours import Reply, by_path
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.endpoint import Endpoint


class Receiver(Endpoint):
    """Replies by the first segment of the path, and stores every call.

    `/ok/…`, `/status/<code>/…`, `/fail/<n>/…`, `/hang/…`, `/drip/…`, `/redirect/…` and `/close/…` are described in
    behaviours.py. The rest of a path keeps its calls apart from those of other paths.

    Args:
        certificate: PEM file of private key and chain.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.

    Raises:
        OSError: the server cannot listen on the address, or the certificate cannot be read.
    """

    def __init__(self, certificate: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self._calls: list[Call] = []
        self._by_path: defaultdict[str, list[Call]] = defaultdict(list)
        self._called = threading.Condition()
        super().__init__(certificate, host, port, self._respond)

    def calls(self, path: str | None = None) -> list[Call]:
        """Return the calls of `path`, or all calls, oldest first."""
        with self._called:
            return list(self._calls if path is None else self._by_path[path])

    def wait_for(self, path: str, count: int, deadline_seconds: float) -> list[Call]:
        """Wait until `path` has `count` calls or more, and return them.

        Raises:
            TimeoutError: there are fewer after `deadline_seconds`; the message lists all calls.
        """
        with self._called:
            if self._called.wait_for(lambda: len(self._by_path[path]) >= count, deadline_seconds):
                return self.calls(path)
        received = ", ".join(f"{call.method} {call.path}" for call in self.calls()) or "none"
        raise TimeoutError(
            f"{len(self.calls(path))} of {count} calls of {path} in {deadline_seconds} s; all calls: {received}"
        )

    def _respond(self, call: Call) -> Reply:
        with self._called:
            self._calls.append(call)
            self._by_path[call.path].append(call)
            self._called.notify_all()
            count = len(self._by_path[call.path])
        return by_path(call.path, count) or Reply(404)


def open_on_this_machine() -> Receiver:
    """Return a receiver at the only address that `make run` allows, with the certificate that it trusts.

    Raises:
        OSError: this machine does not have the address; the message says what to do.
    """
    return Receiver(ensure_certificates(Path("var")).receiver, RECEIVER_HOST)
