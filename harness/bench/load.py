"""`python -m harness.bench.load`: sends events, and records the time and the answer of each request.

It reads its order from standard input and writes the result to standard output. It is a process, so that its CPU
time can be measured, and a cheap one: with prepared bodies, kept connections and libcurl.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pycurl

from harness.bench.transfers import Transfers

#: The timeout of a request in seconds.
_PATIENCE = 60
#: A delay in seconds from which a request counts as having waited for a connection.
_LATE = 0.02


@dataclass(frozen=True)
class Order:
    """What to send.

    Attributes:
        url: the URL of the API.
        key: the producer's key.
        bodies: the bodies to send in turn, again and again.
        requests: the number of requests.
        connections: the maximum number of requests in flight.
        rate: requests per second; None for as many as are answered.
    """

    url: str
    key: str
    bodies: Sequence[str]
    requests: int
    connections: int
    rate: float | None = None


@dataclass
class RequestAnswer:
    """The answer to a request.

    Attributes:
        sent: Unix seconds just before it was sent; or when it was due, if it had to wait for a connection.
        answered: Unix seconds when the answer was complete.
    """

    sent: float
    answered: float = 0.0
    status: int = 0
    body: str = ""


class _Connection:
    """An easy handle that is used again and again."""

    def __init__(self, order: Order) -> None:
        self._chunks: list[bytes] = []
        self.handle = pycurl.Curl()
        options = {
            pycurl.URL: order.url,
            pycurl.POST: True,
            pycurl.HTTPHEADER: [
                "Expect:",
                "Content-Type: application/json",
                f"Authorization: Bearer {order.key}",
            ],
            pycurl.WRITEFUNCTION: self._chunks.append,
            pycurl.NOSIGNAL: True,
            pycurl.PROXY: "",
            pycurl.TIMEOUT: _PATIENCE,
        }
        for option, value in options.items():
            self.handle.setopt(option, value)

    def prepare(self, body: bytes, answer: RequestAnswer) -> None:
        """Prepare a request."""
        self._chunks.clear()
        self._answer = answer
        self.handle.setopt(pycurl.POSTFIELDS, body)

    def end(self) -> None:
        """Record the answer."""
        self._answer.answered = time.time()
        self._answer.status = self.handle.getinfo(pycurl.RESPONSE_CODE)
        self._answer.body = b"".join(self._chunks).decode()


class LoadSender:
    """Sends the requests of an order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._bodies = [body.encode() for body in order.bodies]
        self._transfers = Transfers(order.connections)
        self._connections = {
            connection.handle: connection for connection in (_Connection(order) for _ in range(order.connections))
        }
        self._idle = deque(self._connections.values())
        self._answers: list[RequestAnswer] = []

    def run(self) -> list[RequestAnswer]:
        """Send everything, and return the answers in the order of the requests.

        Raises:
            ConnectionError: a request was not answered.
        """
        began = time.time()
        while len(self._answers) < self._order.requests or len(self._idle) < len(self._connections):
            wait = self._start_due(began)
            for handle in self._transfers.turn(wait):
                self._connections[handle].end()
                self._idle.append(self._connections[handle])
        return self._answers

    def _start_due(self, began: float) -> float:
        """Start due requests while there are free connections; returns the seconds until the next is due."""
        rate = self._order.rate
        while self._idle and (number := len(self._answers)) < self._order.requests:
            now = time.time()
            due = now if rate is None else began + number / rate
            if due > now:
                return due - now
            # A delay of a millisecond is the fault of this loop; waiting for a connection is the fault of the API.
            self._start(number, RequestAnswer(now if now - due < _LATE else due))
        return 1.0

    def _start(self, number: int, answer: RequestAnswer) -> None:
        connection = self._idle.popleft()
        connection.prepare(self._bodies[number % len(self._bodies)], answer)
        self._answers.append(answer)
        self._transfers.start(connection.handle)


def main() -> None:
    """Carry out the order on standard input."""
    order = Order(**json.load(sys.stdin))
    cpu = time.process_time()
    answers = LoadSender(order).run()
    cpu = time.process_time() - cpu
    json.dump({"cpu": cpu, "answers": [asdict(answer) for answer in answers]}, sys.stdout)


if __name__ == "__main__":
    main()
