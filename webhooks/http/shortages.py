"""Shortages: this machine has run out of open files, memory or local ports. That is not a receiver's failure."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from collections.abc import Callable, Collection
from time import monotonic
from typing import Any

import structlog
from msgspec import Struct

#: Seconds from one log event about a shortage to the next about the same.
LOG_INTERVAL = 60.0

_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})

log = structlog.get_logger()


class Shortage(Struct, frozen=True):
    """Why a call was not made, if this machine is the reason. It says nothing about the receiver.

    Attributes:
        reason: the name of an errno, or of an error code of libcurl.
        begun: whether the receiver may have received the call; if not, it was certainly not made.
    """

    reason: str
    begun: bool = False

    @property
    def is_of_the_system(self) -> bool:
        """Whether the operating system reported it: then all calls lack the resource.

        A library may have other reasons. If a receiver could cause one, it must not affect other receivers.
        """
        return self.reason in errno.errorcode.values()


def shortage_in(number: int | None, more: Collection[int] = ()) -> str | None:
    """Return the name of an errno that means a shortage; None for any other errno.

    Args:
        more: further errnos that mean a shortage for this caller.
    """
    return errno.errorcode[number] if number in _SHORTAGES or (number and number in more) else None


def shortage_of(error: OSError, more: Collection[int] = ()) -> str | None:
    """Return the name of the shortage behind an error; None if it has another reason."""
    if isinstance(error, socket.gaierror):
        return "ENOMEM" if error.errno == socket.EAI_MEMORY else lack_of_sockets()
    if isinstance(error, ssl.SSLError):  # its numbers are OpenSSL's
        return None
    return shortage_in(error.errno, more)


def lack_of_sockets() -> str | None:
    """Return the shortage that keeps this process from opening a socket now; None if it can open one.

    It is for libraries that do not report why a name could not be looked up.
    """
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        return shortage_in(error.errno)
    return None


def has_source_address(family: socket.AddressFamily, address: Any) -> bool:
    """Report whether this machine has an address from which another one can be reached.

    Without IPv6, the system reports the same errno as when all local ports are in use, EADDRNOTAVAIL. Without this
    check, such a call would be given back for ever.
    """
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)  # sends nothing
    except OSError as error:
        return error.errno != errno.EADDRNOTAVAIL
    return True


class SeldomLog:
    """Logs a shortage: the first at once, then one event per minute that counts those between.

    Args:
        event: the name of the log event.
        now: seconds of a monotonic clock.
    """

    def __init__(self, event: str, now: Callable[[], float] = monotonic) -> None:
        self._event = event
        self._now = now
        self._lock = threading.Lock()
        self._times: dict[str, int] = {}
        self._next: dict[str, float] = {}

    def report(self, reason: str) -> None:
        """Count a shortage, and log it unless one was logged in the last minute. Any thread may call it."""
        with self._lock:
            times = self._times.get(reason, 0) + 1
            now = self._now()
            is_due = now >= self._next.get(reason, now)
            self._times[reason] = 0 if is_due else times
            if is_due:
                self._next[reason] = now + LOG_INTERVAL
        if is_due:
            log.error(self._event, reason=reason, times=times)
