"""Which URLs may be registered: their syntax, and the addresses that they lead to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from webhooks.errors import InvalidInput
from webhooks.http.call import Failure
from webhooks.http.destinations import (
    Destination,
    ForbiddenDestination,
    Network,
    is_address,
    is_local,
    may_call,
    read_url,
)

#: Seconds that the DNS look-up of a URL's host may take.
LOOK_UP_TIMEOUT = 2.0
#: Concurrent look-ups. Each may hold a thread of the API for `LOOK_UP_TIMEOUT`; the other threads serve other
#: callers.
MAX_LOOK_UPS = 16


class Names(Protocol):
    """Looks up host names."""

    def addresses(self, host: str, timeout: float) -> Sequence[str]:
        """Return all addresses of a name; none if it has none, or without an answer within `timeout` seconds.

        Raises OutOfResources if this machine lacks the files, memory or ports for a look-up.
        """


class UrlPolicy:
    """Parses and checks URLs before they are stored.

    Args:
        allowed_networks: private networks that may be called nevertheless.
    """

    def __init__(self, names: Names, allowed_networks: Sequence[Network] = ()) -> None:
        self._names = names
        self._allowed_networks = allowed_networks
        self._look_ups = threading.Semaphore(MAX_LOOK_UPS)

    def check(self, url: str) -> Destination:
        """Return the destination of a URL in its stored form: an international name becomes A-labels, for example.

        Raises:
            InvalidInput: the URL is malformed, or leads to a forbidden destination.
            OutOfResources: this machine lacks the resources to look up the host.
        """
        try:
            destination = read_url(url)
        except ForbiddenDestination as error:
            raise InvalidInput({"url": [str(error)]}) from None
        if not self._may_be_called(destination.host):
            raise InvalidInput({"url": [Failure.BLOCKED.value]})
        return destination

    def _may_be_called(self, host: str) -> bool:
        """Check the addresses of a host. A name without an address yet is checked when it is called.

        The answer does not say which address or range is forbidden: that would reveal a network to outsiders.
        """
        addresses = [host] if is_address(host) else self._look_up(host)
        if not addresses and not is_local(host):
            return True
        return may_call(host, addresses, self._allowed_networks)

    def _look_up(self, host: str) -> Sequence[str]:
        """Return the addresses of a name; none while `MAX_LOOK_UPS` others are being looked up."""
        if not self._look_ups.acquire(blocking=False):
            return ()
        try:
            return self._names.addresses(host, LOOK_UP_TIMEOUT)
        finally:
            self._look_ups.release()
