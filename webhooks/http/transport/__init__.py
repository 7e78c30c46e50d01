"""The transport makes the HTTP calls: the only package that uses libcurl.

One thread drives all calls of a process through one libcurl multi handle, so an unresponsive receiver costs only a
socket. libcurl has what `requests` lacks: one deadline for the whole exchange, and a callback before each
connection with the address that is dialled. Names are looked up before (`webhooks.http.resolver`): a call is made
only if every address of the name may be dialled, and a connection is opened only to those addresses.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import count
from pathlib import Path

import certifi
import pycurl
import structlog

from webhooks.http.call import Call, Failure, Outcome
from webhooks.http.destinations import Network, may_call
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import SeldomLog, Shortage
from webhooks.http.transport.dialling import LentSocket, MakeSocket
from webhooks.http.transport.exchange import DEADLINE_STATUS, Exchange
from webhooks.http.transport.handles import Handles
from webhooks.http.transport.loop import Loop
from webhooks.http.transport.rules import Rules

#: Gets the outcome of a call, or the shortage for which it was not made.
OnEnd = Callable[[Outcome | Shortage], None]

#: The maximum number of calls that are begun before the calls in flight are served again.
MAX_PER_ITERATION = 50
#: How many decisions on hosts and their addresses are cached.
MAX_REMEMBERED = 10_000

log = structlog.get_logger()


class Transport:
    """Makes calls, any number at once, and reports each as it ends.

    Args:
        timeout: seconds that the whole exchange of a call may take.
        user_agent: the User-Agent of every call.
        allowed_networks: networks that may be dialled although they are not public.
        ca_bundle: a PEM file with authorities that are trusted in addition to the public ones.
        connections: how many may be open, idle ones included.
        resolver: looks names up; closed with the transport.
        on_failure: called when no more calls can be made, whatever the reason.
        make_socket: makes the sockets of the calls.
    """

    def __init__(
        self,
        timeout: float,
        user_agent: str,
        allowed_networks: Sequence[Network] = (),
        ca_bundle: Path | None = None,
        *,
        connections: int = 2000,
        resolver: Resolver | None = None,
        on_failure: Callable[[], None] = lambda: None,
        make_socket: MakeSocket = LentSocket,
    ) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ringback-")
        roots = _roots(Path(self._directory.name), ca_bundle)
        self._rules = Rules(timeout, user_agent, tuple(allowed_networks), roots, make_socket)
        self._resolver = resolver or Resolver()
        self._waiting: deque[tuple[Exchange, OnEnd]] = deque()
        self._found: deque[tuple[int, Sequence[str] | Shortage]] = deque()
        self._looking: dict[int, tuple[Exchange, OnEnd]] = {}
        self._numbers = count()
        self._may_call = lru_cache(MAX_REMEMBERED)(self._judge)
        self._in_flight: dict[pycurl.Curl, tuple[Exchange, OnEnd]] = {}
        self._on_failure = on_failure
        self._shortages = SeldomLog("worker.out_of_resources")
        self._is_short = False
        self._loop = Loop(connections, on_wake=self._go_on, on_end=self._end)
        self._handles = Handles(self._rules)
        self._thread = threading.Thread(target=self._run, name="transport", daemon=True)
        self._thread.start()

    def send(self, call: Call, on_end: OnEnd) -> None:
        """Begin a call. `on_end` is called when it ends, in the transport's thread; it must not block or raise.

        Raises:
            UnicodeError: the URL or a header is not ASCII.
            ForbiddenDestination: registration would refuse this URL.
        """
        self._waiting.append((Exchange(call, self._rules), on_end))
        self._loop.wake()

    def make_room(self, reason: str) -> None:
        """Close idle connections because of a shortage. Any thread may call it.

        Args:
            reason: the shortage, which is logged at most once a minute.
        """
        self._shortages.report(reason)
        self._is_short = True
        self._loop.wake()

    def close(self) -> None:
        """Stop; calls in flight are dropped without a report."""
        self._loop.stop()
        self._thread.join()
        self._resolver.close()
        self._directory.cleanup()

    def _run(self) -> None:
        try:
            self._loop.run()
        except Exception:
            log.exception("transport.failed")
            self._on_failure()

    def _go_on(self) -> None:
        if self._is_short:
            self._is_short = False
            self._loop.close_idle()
        for _ in range(MAX_PER_ITERATION):
            if self._waiting:
                self._begin(*self._waiting.popleft())
            if self._found:
                number, answer = self._found.popleft()
                if (looking := self._looking.pop(number, None)) is not None:
                    self._dial(*looking, answer)
        if self._waiting or self._found:
            self._loop.wake()

    def _begin(self, exchange: Exchange, on_end: OnEnd) -> None:
        number = next(self._numbers)
        self._looking[number] = exchange, on_end
        exchange.stopwatch.begin_look_up()
        known = self._resolver.look_up(exchange.host, partial(self._on_answer, number))
        if known is None:
            # By its number, so that an exchange that has ended is not kept in memory until its deadline.
            self._loop.call_at(exchange.deadline, partial(self._give_up, number))
        else:
            del self._looking[number]
            self._dial(exchange, on_end, known)

    def _on_answer(self, number: int, answer: Sequence[str] | Shortage) -> None:
        """Handle the result of a look-up, in any thread."""
        self._found.append((number, answer))
        self._loop.wake()

    def _give_up(self, number: int) -> None:
        """End an exchange whose name is still being looked up at its deadline."""
        if (looking := self._looking.pop(number, None)) is not None:
            exchange, on_end = looking
            on_end(exchange.fail(DEADLINE_STATUS, Failure.TIMEOUT))

    def _judge(self, host: str, addresses: tuple[str, ...]) -> bool:
        return may_call(host, addresses, self._rules.allowed_networks)

    def _dial(self, exchange: Exchange, on_end: OnEnd, addresses: Sequence[str] | Shortage) -> None:
        exchange.stopwatch.end_look_up()
        if isinstance(addresses, Shortage):
            self._fall_short(exchange.fall_short(addresses.reason), on_end)
        elif not addresses:
            on_end(exchange.fail(None, Failure.DNS))
        elif not self._may_call(exchange.host, tuple(addresses)):
            on_end(exchange.fail(None, Failure.BLOCKED))
        else:
            handle = self._handles.take()
            exchange.prepare(handle, addresses, self._loop.socket_opened)
            self._in_flight[handle] = exchange, on_end
            self._loop.add(handle)

    def _end(self, handle: pycurl.Curl, error: int) -> None:
        exchange, on_end = self._in_flight.pop(handle)
        result = exchange.end(handle, error)
        self._handles.give_back(handle, again=error == 0 and exchange.is_plain)
        if isinstance(result, Exchange):
            self._begin(result, on_end)
        elif isinstance(result, Shortage):
            self._fall_short(result, on_end)
        else:
            on_end(result)

    def _fall_short(self, shortage: Shortage, on_end: OnEnd) -> None:
        if shortage.is_of_the_system:
            self.make_room(shortage.reason)
        else:
            self._shortages.report(shortage.reason)
        on_end(shortage)


def _roots(directory: Path, ca_bundle: Path | None) -> Path:
    """Return a file with the public authorities, and the operator's if any: libcurl reads only one file."""
    public = Path(certifi.where())
    if ca_bundle is None:
        return public
    roots = directory / "roots.pem"
    roots.write_text(public.read_text() + "\n" + ca_bundle.read_text())
    return roots
