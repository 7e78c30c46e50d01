"""DNS look-ups: the only module that uses c-ares.

The system's `getaddrinfo` blocks a thread for each look-up until the name server answers; here one thread looks up
any number of names at once. The search domains of the machine are not used: they would turn a customer's
`payments` into the operator's `payments.prod.internal`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pycares
from pycares import errno

from webhooks.errors import OutOfResources
from webhooks.http.destinations import is_address
from webhooks.http.shortages import Shortage, lack_of_sockets

#: Called with the addresses of a name, perhaps in another thread. There are none if the name has none or too many,
#: or if no answer came. It is called with a shortage if there was no socket or memory for the look-up.
OnAnswer = Callable[[Sequence[str] | Shortage], None]

#: The longest time in seconds for which an answer is cached here. Then c-ares is asked again, whose own cache
#: obeys the time to live of the answer.
MAX_TTL = 60.0
#: A name with more addresses counts as one without any: each address is checked, and may be dialled.
MAX_ADDRESSES = 32
#: Names whose answers are cached; with more, the cache is emptied.
MAX_REMEMBERED = 10_000

# The first try of a name server waits 2 s, or far less if it is known to be quicker; each further try twice as
# long. So a lost packet costs little, and a silent name server is given up after some 8 s.
_FIRST_TRY = 2.0
_TRIES = 5
#: How often c-ares is asked again if it could not open a socket, although one can be opened right afterwards.
_TRIES_TO_OPEN = 3


@dataclass(frozen=True)
class _Answer:
    addresses: tuple[str, ...]
    until: float


class Resolver:
    """Looks names up, any number at once, in the hosts file and then in DNS.

    Args:
        name_servers: addresses, each with a port if it is not 53; the system's if empty.
        channel: the channel of c-ares; one for these name servers if None.
        lack_of_sockets: returns the shortage for which no socket can be opened, or None.
    """

    def __init__(
        self,
        name_servers: Sequence[str] = (),
        channel: pycares.Channel | None = None,
        lack_of_sockets: Callable[[], str | None] = lack_of_sockets,
    ) -> None:
        self._channel = channel or _channel(name_servers)
        self._lack_of_sockets = lack_of_sockets
        self._lock = threading.Lock()
        self._remembered: dict[str, _Answer] = {}
        self._asking: dict[str, list[OnAnswer]] = {}

    def look_up(self, host: str, on_answer: OnAnswer) -> Sequence[str] | None:
        """Return the addresses of a host, IPv4 and IPv6, if they are cached; otherwise `on_answer` gets them.

        The address of an IP address is itself.
        """
        with self._lock:
            known = self._remembered.get(host)
            if known is not None and monotonic() < known.until:
                return known.addresses
            asked_already = host in self._asking
            self._asking.setdefault(host, []).append(on_answer)
        if not asked_already:
            self._ask(host)
        return None

    def addresses(self, host: str, timeout: float) -> Sequence[str]:
        """Return the addresses of a host; none if it has none, or if no answer comes within `timeout` seconds.

        Raises:
            OutOfResources: this process has no socket or memory left for the look-up.
        """
        answers: list[Sequence[str] | Shortage] = []
        answered = threading.Event()

        def on_answer(answer: Sequence[str] | Shortage) -> None:
            answers.append(answer)
            answered.set()

        known = self.look_up(host, on_answer)
        if known is not None:
            return known
        answered.wait(timeout)
        answer = answers[0] if answers else ()
        if isinstance(answer, Shortage):
            raise OutOfResources
        return answer

    def close(self) -> None:
        """Stop; look-ups in flight end without an answer."""
        self._channel.close()

    def _ask(self, host: str) -> None:
        """Look a name up. c-ares reports a refusing name server and a socket that cannot be opened alike."""
        asker: int | None = threading.get_ident()
        refused_at_once = False

        def on_result(result: Any, error: int | None) -> None:
            nonlocal refused_at_once
            if error == errno.ARES_ECONNREFUSED and threading.get_ident() == asker:
                refused_at_once = True  # no socket was opened: answers of a name server arrive in c-ares' thread
            else:  # or in this one, while it sends another query on the same dead connection
                self._take(host, result, error)

        if is_address(host):
            self._answer(host, (host,), MAX_TTL)
            return
        # c-ares resolves `localhost` to 127.0.0.1 and ::1; receivers on this machine listen on the first.
        family = socket.AF_INET if host == "localhost" else socket.AF_UNSPEC
        for _ in range(_TRIES_TO_OPEN):
            refused_at_once = False
            try:
                self._channel.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM, callback=on_result)
            except (ValueError, RuntimeError):  # not a name, or the resolver is closed
                break
            if not refused_at_once:
                asker = None  # later answers are ignored
                return
            if reason := self._lack_of_sockets():
                self._answer(host, Shortage(reason), 0.0)
                return
        self._answer(host, (), 0.0)

    def _take(self, host: str, result: Any, error: int | None) -> None:
        """Handle c-ares' answer."""
        if error is not None:
            reason = self._shortage_behind(error)
            self._answer(host, () if reason is None else Shortage(reason), 0.0)
            return
        nodes = result.nodes
        addresses = tuple(dict.fromkeys(node.addr[0].decode() for node in nodes[: MAX_ADDRESSES + 1]))
        if len(addresses) > MAX_ADDRESSES:
            addresses = ()
        lifetime = min((float(node.ttl) for node in nodes), default=0.0)
        self._answer(host, addresses, min(lifetime, MAX_TTL))

    def _answer(self, host: str, answer: tuple[str, ...] | Shortage, lifetime: float) -> None:
        with self._lock:
            self._remembered.pop(host, None)
            if lifetime > 0 and not isinstance(answer, Shortage):
                if len(self._remembered) >= MAX_REMEMBERED:
                    self._remembered.clear()
                self._remembered[host] = _Answer(answer, monotonic() + lifetime)
            waiting = self._asking.pop(host, [])
        for on_answer in waiting:
            on_answer(answer)

    def _shortage_behind(self, error: int) -> str | None:
        """Return the shortage that an error of c-ares means, or may mean; None if it means none."""
        if error == errno.ARES_ENOMEM:
            return "ENOMEM"
        return self._lack_of_sockets() if error == errno.ARES_ECONNREFUSED else None


def _channel(name_servers: Sequence[str]) -> pycares.Channel:
    return pycares.Channel(
        flags=pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_EDNS,
        timeout=_FIRST_TRY,
        tries=_TRIES,
        servers=name_servers or None,
    )
