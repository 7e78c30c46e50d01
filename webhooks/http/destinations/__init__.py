"""Where a webhook may lead: the syntax of its URL, and the addresses that may be called.

The syntax is checked when a webhook is registered, and so are the addresses if its name resolves. At each call,
all addresses of the name are checked again, and so is the address that is dialled. So a DNS answer that changes in
between gains nothing.
"""

from __future__ import annotations

from webhooks.http.destinations.addresses import Network, may_call, may_dial
from webhooks.http.destinations.hosts import ForbiddenDestination, is_address, is_local
from webhooks.http.destinations.urls import HTTPS_PORT, MAX_URL_BYTES, Destination, read_url

__all__ = [
    "HTTPS_PORT",
    "MAX_URL_BYTES",
    "Destination",
    "ForbiddenDestination",
    "Network",
    "is_address",
    "is_local",
    "may_call",
    "may_dial",
    "read_url",
]
