"""Dialling: the sockets that libcurl gets for an exchange, and why it got none."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any

import pycurl

from webhooks.http.destinations import Network, may_dial
from webhooks.http.shortages import has_source_address, shortage_of


class LentSocket(socket.socket):
    """A socket of which libcurl gets a duplicate; this one is closed when pycurl releases it."""

    def __del__(self) -> None:
        if hasattr(self, "_io_refs"):  # otherwise it was never opened
            self.close()


#: Takes family, kind and protocol; raises OSError if there is no socket.
MakeSocket = Callable[[int, int, int], socket.socket]


class Dialling:
    """The sockets of one exchange.

    Attributes:
        is_blocked: whether an address was refused because it must not be dialled.
    """

    def __init__(self, allowed_networks: Sequence[Network], make_socket: MakeSocket) -> None:
        self._allowed_networks = allowed_networks
        self._make_socket = make_socket
        self.is_blocked = False
        self._dialled: tuple[socket.AddressFamily, Any] | None = None
        self._is_open = True
        self._lacked: str | None = None

    def open_socket(self, _purpose: int, address: Any) -> socket.socket | int:
        """Open the socket to an address, or refuse it: the last check before anything is sent there."""
        family, kind, protocol, target = address
        if not may_dial(target[0], self._allowed_networks):
            self.is_blocked = True
            return pycurl.SOCKET_BAD
        self._note_lost_socket()
        try:
            opened = self._make_socket(family, kind, protocol)
        except OSError as error:  # also for IPv6 on a system without it
            self._lacked = self._lacked or shortage_of(error)
            return pycurl.SOCKET_BAD
        self._dialled = family, target
        self._is_open = False
        return opened

    def socket_is_open(self, on_socket: Callable[[int], None], fd: int, _purpose: int) -> int:
        """Note that libcurl has its socket."""
        self._is_open = True
        on_socket(fd)
        return pycurl.SOCKOPT_OK

    def shortage(self, reason: str | None) -> str | None:
        """Return the shortage because of which an exchange has no connection; None if there was none.

        Args:
            reason: the shortage that the system reported at the last connection attempt.
        """
        self._note_lost_socket()
        if (
            reason == errno.errorcode[errno.EADDRNOTAVAIL]
            and self._dialled
            and not has_source_address(*self._dialled)
        ):
            reason = None
        return self._lacked or reason

    def _note_lost_socket(self) -> None:
        """Note that libcurl did not get the latest socket: pycurl could not duplicate it, and reports nothing."""
        if not self._is_open:
            self._lacked = self._lacked or errno.errorcode[errno.EMFILE]
            self._is_open = True
