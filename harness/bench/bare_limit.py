"""`python -m harness.bench.bare_limit`: sign and post events, and nothing else: the maximum of this machine.

One process, libcurl, kept connections; no queue, no store, no check of addresses, no retry. It reads its order
from standard input, and writes the result to standard output.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pycurl

from harness.bench.baseline.signing import signed_headers
from harness.bench.events import SECRET, delivered
from harness.bench.transfers import Transfers

_KEY = SECRET.encode()


@dataclass(frozen=True)
class Order:
    """What to post.

    Attributes:
        urls: the URLs to call in turn, again and again.
        address: the address of all of them, such as `127.0.0.1:443`.
        ca: PEM file of the CA of the receiver.
        calls: the number of calls.
        connections: the maximum number of calls in flight.
    """

    urls: Sequence[str]
    address: str
    ca: str
    calls: int
    connections: int


class BareLimit:
    """Posts the events of an order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._bodies = [delivered("{hookId}", url).encode() for url in order.urls]
        self._transfers = Transfers(max(order.connections, len(order.urls)))

    def run(self) -> list[str]:
        """Post everything and return the hookIds.

        Raises:
            ConnectionError: a call was not answered, or not with 200.
        """
        idle = [self._handle() for _ in range(self._order.connections)]
        hook_ids: list[str] = []
        in_flight = 0
        while len(hook_ids) < self._order.calls or in_flight:
            while idle and len(hook_ids) < self._order.calls:
                hook_ids.append(secrets.token_hex(10))
                self._start(idle.pop(), len(hook_ids) - 1, hook_ids[-1])
                in_flight += 1
            for handle in self._transfers.turn(1.0):
                if (status := handle.getinfo(pycurl.RESPONSE_CODE)) != 200:
                    raise ConnectionError(f"a call was answered {status}")
                idle.append(handle)
                in_flight -= 1
        return hook_ids

    def _start(self, handle: pycurl.Curl, number: int, hook_id: str) -> None:
        which = number % len(self._bodies)
        body = self._bodies[which].replace(b"{hookId}", hook_id.encode())
        handle.setopt(pycurl.URL, self._order.urls[which])
        handle.setopt(pycurl.POSTFIELDS, body)
        headers = signed_headers(hook_id, 1, body, _KEY, int(time.time()))
        handle.setopt(pycurl.HTTPHEADER, ["Expect:", *(f"{name}: {value}" for name, value in headers.items())])
        self._transfers.start(handle)

    def _handle(self) -> pycurl.Curl:
        handle = pycurl.Curl()
        options = {
            pycurl.POST: True,
            pycurl.CONNECT_TO: [f"::{self._order.address}"],
            pycurl.CAINFO: self._order.ca,
            pycurl.PROXY: "",
            pycurl.NOSIGNAL: True,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.WRITEFUNCTION: len,
        }
        for option, value in options.items():
            handle.setopt(option, value)
        return handle


def main() -> None:
    """Carry out the order on standard input."""
    order = Order(**json.load(sys.stdin))
    cpu = time.process_time()
    hook_ids = BareLimit(order).run()
    json.dump({"cpu": time.process_time() - cpu, "hookIds": hook_ids}, sys.stdout)


if __name__ == "__main__":
    main()
