"""One exchange with a receiver: what is asked of libcurl, what is noted, and what came of it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pycurl

from webhooks.calls import Call
from webhooks.deliveries import Failure, Outcome
from webhooks.destinations import Network, may_dial

MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 64 * 1024
#: What an attempt is recorded as when its deadline has passed (contract section 5).
DEADLINE_STATUS = 503

_FAILURES = {
    pycurl.E_COULDNT_RESOLVE_HOST: Failure.DNS,
    pycurl.E_COULDNT_CONNECT: Failure.CONNECT,
    pycurl.E_SSL_CONNECT_ERROR: Failure.TLS,
    pycurl.E_SSL_CIPHER: Failure.TLS,
    pycurl.E_SSL_ISSUER_ERROR: Failure.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: Failure.TLS,
    pycurl.E_GOT_NOTHING: Failure.RESET,
    pycurl.E_SEND_ERROR: Failure.RESET,
    pycurl.E_RECV_ERROR: Failure.RESET,
}


@dataclass(frozen=True)
class Rules:
    """What holds for every call of a process; `webhooks.transport.Transport` says what each is."""

    timeout: float
    user_agent: str
    allowed_networks: tuple[Network, ...]
    roots: Path


class Exchange:
    """A call under way on a libcurl handle.

    Args:
        spent: seconds of the deadline that an earlier try has used; with any, a new connection is opened.
    """

    def __init__(self, call: Call, rules: Rules, spent: float = 0.0) -> None:
        self._call = call
        self._rules = rules
        self._spent = spent
        self._blocked = False
        self._interim = False
        self._answered = False
        self._header_bytes = 0
        self._body_bytes = 0
        self.handle = pycurl.Curl()
        for option, value in self._options().items():
            self.handle.setopt(option, value)

    def close(self, error: int) -> Outcome | Exchange:
        """End the exchange; returns what came of it, or the exchange that must take its place.

        A connection that was kept open since an earlier call may turn out dead before the first byte of an answer.
        That says nothing about the receiver, so the call is made once more, on a connection of its own.

        Args:
            error: libcurl's code; 0 when the whole answer has arrived.
        """
        spent = self._spent + self.handle.getinfo(pycurl.TOTAL_TIME)
        milliseconds = round(spent * 1000)
        status = self.handle.getinfo(pycurl.RESPONSE_CODE)
        self.handle.close()
        if error == pycurl.E_SEND_FAIL_REWIND:
            return Exchange(self._call, self._rules, spent)
        if error == pycurl.E_OPERATION_TIMEDOUT:
            return Outcome(DEADLINE_STATUS, Failure.TIMEOUT, milliseconds)
        if self._answered:
            # A body that is too long or breaks off takes nothing from a status that has arrived.
            return Outcome(status, None, milliseconds)
        return Outcome(None, self._failure(error), milliseconds)

    def _failure(self, error: int) -> Failure:
        if self._blocked:
            return Failure.BLOCKED
        if self._header_bytes > MAX_HEADER_BYTES:
            return Failure.TOO_LARGE
        return _FAILURES.get(error, Failure.PROTOCOL)

    def _options(self) -> dict[int, Any]:
        call = self._call
        milliseconds = max(1, round((self._rules.timeout - self._spent) * 1000))
        return {
            pycurl.URL: call.url,
            pycurl.POST: True,
            # A body that cannot be rewound: left to itself, libcurl would repeat the call on one dead connection
            # after another, up to five times.
            pycurl.READFUNCTION: BytesIO(call.body).read,
            pycurl.POSTFIELDSIZE: len(call.body),
            pycurl.FRESH_CONNECT: self._spent > 0,
            # The empty Expect keeps libcurl from asking first before it sends a large body.
            pycurl.HTTPHEADER: ["Expect:", *(f"{name}: {value}" for name, value in call.headers.items())],
            pycurl.USERAGENT: self._rules.user_agent,
            pycurl.TIMEOUT_MS: milliseconds,
            pycurl.CONNECTTIMEOUT_MS: milliseconds,
            pycurl.NOSIGNAL: True,
            pycurl.PROTOCOLS: pycurl.PROTO_HTTPS,
            pycurl.FOLLOWLOCATION: False,
            pycurl.PROXY: "",
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
            pycurl.CAINFO: str(self._rules.roots),
            pycurl.OPENSOCKETFUNCTION: self._open_socket,
            pycurl.HEADERFUNCTION: self._take_header,
            pycurl.WRITEFUNCTION: self._take_body,
        }

    def _open_socket(self, _purpose: int, address: Any) -> socket.socket | int:
        """Open the socket to an address, or refuse: the last word before anything is sent there."""
        family, kind, protocol, target = address
        if not may_dial(target[0], self._rules.allowed_networks):
            self._blocked = True
            return pycurl.SOCKET_BAD
        return _Lent(family, kind, protocol)

    def _take_header(self, line: bytes) -> int:
        """Note a line of the answer's head; -1 ends the exchange."""
        self._header_bytes += len(line)
        if line.startswith(b"HTTP/"):
            self._interim = line.partition(b" ")[2].startswith(b"1")
        elif not line.strip():
            self._answered = not self._interim
        return -1 if self._header_bytes > MAX_HEADER_BYTES else len(line)

    def _take_body(self, chunk: bytes) -> int:
        """Count a piece of the answer's body and drop it; -1 ends the exchange."""
        self._body_bytes += len(chunk)
        return -1 if self._body_bytes > MAX_BODY_BYTES else len(chunk)


class _Lent(socket.socket):
    """A socket of which libcurl gets a duplicate; this one is closed as soon as pycurl lets go of it."""

    def __del__(self) -> None:
        self.close()
