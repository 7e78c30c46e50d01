"""Dialling: which sockets libcurl gets for an exchange, and why it got none."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any

import pycurl

from webhooks.http.destinations import Network, may_dial
from webhooks.http.shortages import has_source_address, shortage_of


class Dialling:
    """The sockets of one exchange.

    Attributes:
        is_blocked: whether an address was refused that must not be dialled.
    """

    def __init__(self, allowed_networks: Sequence[Network]) -> None:
        self._allowed_networks = allowed_networks
        self.is_blocked = False
        self._dialled: tuple[socket.AddressFamily, Any] | None = None
        self._is_open = True
        self._lacked: str | None = None

    def open_socket(self, _purpose: int, address: Any) -> socket.socket | int:
        """Open the socket to an address, or refuse: the last word before anything is sent there."""
        family, kind, protocol, target = address
        if not may_dial(target[0], self._allowed_networks):
            self.is_blocked = True
            return pycurl.SOCKET_BAD
        self._note_lost_socket()
        try:
            opened = _Lent(family, kind, protocol)
        except OSError as error:  # of IPv6 too, where the system has none
            self._lacked = self._lacked or shortage_of(error)
            return pycurl.SOCKET_BAD
        self._dialled = family, target
        self._is_open = False
        return opened

    def socket_is_open(self, on_socket: Callable[[int], None], fd: int, _purpose: int) -> int:
        """Take note that libcurl has its socket."""
        self._is_open = True
        on_socket(fd)
        return pycurl.SOCKOPT_OK

    def shortage(self, reason: str | None) -> str | None:
        """Return what there was too little of, so that an exchange has no connection; None if that was not why.

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
        """Note that libcurl has not got the latest socket: pycurl could not duplicate it, and says nothing."""
        if not self._is_open:
            self._lacked = self._lacked or errno.errorcode[errno.EMFILE]
            self._is_open = True


class _Lent(socket.socket):
    """A socket of which libcurl gets a duplicate; this one is closed as soon as pycurl lets go of it."""

    def __del__(self) -> None:
        if hasattr(self, "_io_refs"):  # else it was never opened
            self.close()
