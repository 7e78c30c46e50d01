"""A pool of libcurl's handles: to create and configure one takes time, so each is used for many calls."""

from __future__ import annotations

from typing import Any

import pycurl

from webhooks.http.transport.rules import Rules

#: Seconds for which a connection is used for further calls. After that, a changed address of a name takes effect.
MAX_CONNECTION_AGE = 60
#: The maximum number of idle handles in the pool: as many as there are concurrent calls. Each takes some 6 kB.
MAX_KEPT = 1000


class Handles:
    """Gives out handles that are configured with the rules for every call, and takes them back."""

    def __init__(self, rules: Rules) -> None:
        self._options = _options(rules)
        self._kept: list[pycurl.Curl] = []

    def take(self) -> pycurl.Curl:
        """Return a handle for one call."""
        if self._kept:
            return self._kept.pop()
        handle = pycurl.Curl()
        for option, value in self._options.items():
            handle.setopt(option, value)
        return handle

    def give_back(self, handle: pycurl.Curl, *, again: bool) -> None:
        """Take back a handle whose call has ended.

        If it is to be used again, its callbacks and headers are released; the next call sets all other options.
        """
        if again and len(self._kept) < MAX_KEPT:
            for function in _FUNCTIONS:
                handle.setopt(function, _ended)
            handle.setopt(pycurl.HTTPHEADER, [])
            self._kept.append(handle)
        else:
            handle.close()


#: The callbacks that a call sets.
_FUNCTIONS = (
    pycurl.READFUNCTION,
    pycurl.WRITEFUNCTION,
    pycurl.HEADERFUNCTION,
    pycurl.OPENSOCKETFUNCTION,
    pycurl.SOCKOPTFUNCTION,
)


def _ended(*_: object) -> int:
    """Refuse to do anything for a handle without a call."""
    return -1


def _options(rules: Rules) -> dict[int, Any]:
    return {
        pycurl.USERAGENT: rules.user_agent,
        pycurl.NOSIGNAL: True,
        pycurl.POST: True,
        # In addition to the timeout of the call. By default, libcurl would give up connecting after 300 s.
        pycurl.CONNECTTIMEOUT_MS: round(rules.timeout * 1000),
        pycurl.MAXLIFETIME_CONN: MAX_CONNECTION_AGE,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTPS,
        pycurl.FOLLOWLOCATION: False,
        pycurl.PROXY: "",
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
        pycurl.CAINFO: str(rules.roots),
    }
