"""One exchange with a receiver: it configures libcurl, takes the answer, and returns the outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from io import BytesIO
from time import monotonic

import pycurl

from webhooks.http.call import Call, Detail, Failure, Outcome, Phases
from webhooks.http.shortages import Shortage
from webhooks.http.transport.dialling import Dialling
from webhooks.http.transport.failures import Ending, body_error, failure_of, shortage_behind
from webhooks.http.transport.rules import Rules
from webhooks.http.transport.stopwatch import Stopwatch

MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 64 * 1024
#: How much of the answer's body is kept for the delivery log.
KEPT_BODY_BYTES = 16 * 1024
#: How many addresses of a host are tried. Without a limit, a customer could make each call connect to many hosts
#: of other people.
MAX_DIALLED = 8
#: How many entries for libcurl's list of names are cached.
MAX_REMEMBERED = 10_000
#: The status of an attempt whose deadline has passed (contract section 5).
DEADLINE_STATUS = 503


# libcurl reads three digits of a status, and so 2000 as 200.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-9]\d\d(?=[ \r\n])")


class Exchange:
    """A call in flight, from the look-up of its name to the end of its answer.

    Args:
        deadline: when it ends, by the monotonic clock; a repetition has the deadline of the first try.

    Attributes:
        host: the host whose addresses are to be looked up.
        stopwatch: measures the look-up.
        is_plain: whether it sets no option of its handle that the next exchange would have to reset.

    Raises:
        UnicodeError: the URL or a header is not ASCII.
        ForbiddenDestination: registration would refuse this URL.
    """

    def __init__(self, call: Call, rules: Rules, deadline: float | None = None) -> None:
        # The empty Expect keeps libcurl from waiting for a 100 before it sends a large body.
        self._headers = ["Expect:", *(f"{name}: {value}" for name, value in call.headers.items())]
        if not (call.url.isascii() and "".join(self._headers).isascii()):
            raise UnicodeError("libcurl takes ASCII")
        self._call = call
        self._rules = rules
        self._again = deadline is not None
        self.deadline = monotonic() + rules.timeout if deadline is None else deadline
        self._dialling = Dialling(rules.allowed_networks, rules.make_socket)
        self._interim = False
        self._answered = False
        self._header_bytes = 0
        self._answer_headers: dict[str, str] = {}
        self._body_bytes = 0
        self._kept = bytearray()
        self._phases = Phases()
        self.stopwatch = Stopwatch()
        self.is_plain = call.method == "POST" and not self._again
        self.host, self._port = call.destination.host, call.destination.port
        self._origin, self._target = call.destination.origin_and_target

    def prepare(self, handle: pycurl.Curl, addresses: Sequence[str], on_socket: Callable[[int], None]) -> None:
        """Configure a handle to make the call in the time left, and to dial only these addresses.

        Args:
            on_socket: called with each new socket, before it is waited for.
        """
        call, setopt = self._call, handle.setopt
        # libcurl would resolve `..` in a whole URL, and write escapes in capitals.
        setopt(pycurl.URL, self._origin)
        setopt(pycurl.REQUEST_TARGET, self._target)
        setopt(pycurl.RESOLVE, [_directions(self.host, self._port, tuple(addresses[:MAX_DIALLED]))])
        setopt(pycurl.TIMEOUT_MS, max(1, round((self.deadline - monotonic()) * 1000)))
        # A body that cannot be rewound: otherwise libcurl would repeat the call on one dead connection after
        # another, up to five times.
        setopt(pycurl.READFUNCTION, BytesIO(call.body).read)
        setopt(pycurl.POSTFIELDSIZE, len(call.body))
        setopt(pycurl.HTTPHEADER, self._headers)
        setopt(pycurl.OPENSOCKETFUNCTION, self._dialling.open_socket)
        setopt(pycurl.SOCKOPTFUNCTION, partial(self._dialling.socket_is_open, on_socket))
        setopt(pycurl.HEADERFUNCTION, self._take_header)
        setopt(pycurl.WRITEFUNCTION, self._take_body)
        if call.method == "GET":
            setopt(pycurl.HTTPGET, True)
        if self._again:
            setopt(pycurl.FRESH_CONNECT, True)

    def end(self, handle: pycurl.Curl, error: int) -> Outcome | Shortage | Exchange:
        """End the exchange; returns its outcome, or the exchange that must replace it.

        A connection that was kept open since an earlier call may turn out dead before the first byte of an answer.
        That says nothing about the receiver, so the call is repeated once, on a new connection.

        Args:
            handle: the handle of the call.
            error: libcurl's code; 0 when the whole answer has arrived.
        """
        ending = _ending_of(handle, error) if error else _WHOLE
        status = handle.getinfo(pycurl.RESPONSE_CODE)
        self._phases = self.stopwatch.phases(handle, answered=self._header_bytes > 0)
        if error == pycurl.E_SEND_FAIL_REWIND:
            return Exchange(self._call, self._rules, self.deadline)
        # libcurl refuses a status below 100, and one from 100 to 199 is never final.
        if self._answered and status >= 200:
            return self._answer(status, ending)
        return self._shortage(handle, ending) or self._failure(ending)

    def _shortage(self, handle: pycurl.Curl, ending: Ending) -> Shortage | None:
        """Return the shortage because of which there is no answer; None if there was none."""
        reason = shortage_behind(ending)
        if ending.error == pycurl.E_COULDNT_CONNECT:
            reason = self._dialling.shortage(reason)
        return None if reason is None else self.fall_short(reason, begun=handle.getinfo(pycurl.REQUEST_SIZE) > 0)

    def _answer(self, status: int, ending: Ending) -> Outcome:
        """Return the outcome of an exchange in which the head of an answer has arrived."""
        succeeded = 200 <= status <= 299
        if ending.error == pycurl.E_OPERATION_TIMEDOUT and not succeeded:
            return self._outcome(DEADLINE_STATUS, Failure.TIMEOUT)
        # A success stays one even if its body fails: a retry would only double the event.
        return self._outcome(status, None, body_error(ending))

    def _failure(self, ending: Ending) -> Outcome:
        """Return the outcome of an exchange without an answer."""
        if ending.error == pycurl.E_OPERATION_TIMEDOUT:
            return self._outcome(DEADLINE_STATUS, Failure.TIMEOUT)
        if self._dialling.is_blocked:
            return self._outcome(None, Failure.BLOCKED)
        if self._header_bytes > MAX_HEADER_BYTES:
            return self._outcome(None, Failure.TOO_LARGE)
        return self._outcome(None, *failure_of(ending))

    def fall_short(self, reason: str, *, begun: bool = False) -> Shortage:
        """Return the shortage, with whether the receiver may have received the call.

        After an earlier try on a dead connection, that is unknown, so it counts as received.
        """
        return Shortage(reason, begun or self._again)

    def fail(self, status: int | None, failure: Failure) -> Outcome:
        """End the exchange before libcurl has begun it; returns its outcome."""
        self._phases = self.stopwatch.phases()
        return self._outcome(status, failure)

    def _outcome(self, status: int | None, failure: Failure | None, detail: Detail | None = None) -> Outcome:
        spent = monotonic() - (self.deadline - self._rules.timeout)
        milliseconds = round(spent * 1000)
        return Outcome(
            status, failure, milliseconds, detail, bytes(self._kept), self._phases, self._answer_headers
        )

    def _take_header(self, line: bytes) -> int:
        """Take a line of the answer's head, or of its trailers; -1 ends the exchange."""
        self._header_bytes += len(line)
        if line.startswith(b"HTTP/"):
            if not _STATUS_LINE.match(line):
                return -1
            self._answer_headers.clear()
            self._interim = line.partition(b" ")[2].startswith(b"1")
        elif not line.strip() and not self._interim:
            self._answered = True
        elif self._call.keeps is not None and not self._answered:
            name, _, value = line.decode("latin-1").partition(":")
            self._answer_headers[name.strip().lower()] = value.strip()
        return -1 if self._header_bytes > MAX_HEADER_BYTES else len(line)

    def _take_body(self, chunk: bytes) -> int:
        """Take a piece of the answer's body and keep the beginning, or all of it; -1 ends the exchange."""
        keeps = self._call.keeps
        taken, kept = (MAX_BODY_BYTES, KEPT_BODY_BYTES) if keeps is None else (keeps, keeps)
        self._body_bytes += len(chunk)
        self._kept += chunk[: kept - len(self._kept)]
        return -1 if self._body_bytes > taken else len(chunk)


_WHOLE = Ending(0, "", 0)


def _ending_of(handle: pycurl.Curl, error: int) -> Ending:
    certificate, errno = handle.getinfo(pycurl.SSL_VERIFYRESULT), handle.getinfo(pycurl.OS_ERRNO)
    return Ending(error, handle.errstr(), certificate, errno)


@lru_cache(MAX_REMEMBERED)
def _directions(host: str, port: int, addresses: tuple[str, ...]) -> str:
    """Return libcurl's entry for its list of names; the plus sign lets it forget the entry after a while."""
    name = f"[{host}]" if ":" in host else host
    return f"+{name}:{port}:{','.join(f'[{address}]' if ':' in address else address for address in addresses)}"
