"""Which URLs may be registered: how they are written, and where they lead."""

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

#: Seconds that looking up the name in a URL may take.
LOOK_UP_TIMEOUT = 2.0
#: Look-ups at the same time. Each may hold a thread of the API for `LOOK_UP_TIMEOUT`; the other threads are for
#: other callers.
MAX_LOOK_UPS = 16


class Names(Protocol):
    """Where names are looked up."""

    def addresses(self, host: str, timeout: float) -> Sequence[str]:
        """Return all addresses of a name; none if it has none, or if no answer comes within `timeout` seconds.

        Raises OutOfResources when this machine lacks what a look-up needs.
        """


class UrlPolicy:
    """Reads and judges URLs before they are stored.

    Args:
        allowed_networks: networks that may be called although they are not public.
    """

    def __init__(self, names: Names, allowed_networks: Sequence[Network] = ()) -> None:
        self._names = names
        self._allowed_networks = allowed_networks
        self._look_ups = threading.Semaphore(MAX_LOOK_UPS)

    def check(self, url: str) -> Destination:
        """Return where a URL leads, as it is to be stored: an international name as A-labels, for example.

        Raises:
            InvalidInput: the URL is malformed, or leads where no call may go.
            OutOfResources: its name cannot be looked up, as this machine lacks what that needs.
        """
        try:
            destination = read_url(url)
        except ForbiddenDestination as error:
            raise InvalidInput({"url": [str(error)]}) from None
        if not self._may_be_called(destination.host):
            raise InvalidInput({"url": [Failure.BLOCKED.value]})
        return destination

    def _may_be_called(self, host: str) -> bool:
        """Judge the addresses of a host. A name that has none yet is judged when it is called.

        The answer does not say which address or range was forbidden: that would map a network from outside.
        """
        addresses = [host] if is_address(host) else self._look_up(host)
        if not addresses and not is_local(host):
            return True
        return may_call(host, addresses, self._allowed_networks)

    def _look_up(self, host: str) -> Sequence[str]:
        """Return the addresses of a name; none while too many other names are being looked up."""
        if not self._look_ups.acquire(blocking=False):
            return ()
        try:
            return self._names.addresses(host, LOOK_UP_TIMEOUT)
        finally:
            self._look_ups.release()
