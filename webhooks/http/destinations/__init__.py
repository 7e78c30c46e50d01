"""Where a webhook may point: what its URL looks like, and which addresses may be called.

The text is checked when a webhook is registered, and so are the addresses if its name resolves. Both the answers
of a look-up and the very address that is dialled are judged again at each call, so a DNS answer that changes in
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
