"""Calls to one service: authorized, answered with JSON, and made again while the service cannot take them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from webhooks_client.answers import read_answer
from webhooks_client.errors import Unavailable
from webhooks_client.retries import RETRIED_STATUSES, Clock, next_wait, read_retry_after


class _ProducerKey(AuthBase):
    """Puts the key into the header. As an auth object it wins over a `.netrc`; nothing prints it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Connection:
    """Makes calls over a pool of kept-alive connections. Threads may share it: no call changes its state.

    Args:
        url: the service's address, `https://host` with an optional port and path.
        key: the producer key.
        timeout: seconds to wait for a connection, and for each piece of an answer.
        patience: seconds in which a call is tried again.
        clock: where time comes from.

    Raises:
        ValueError: the URL or the key is malformed; the message does not quote the key.
    """

    def __init__(self, url: str, key: str, timeout: float, patience: float, clock: Clock) -> None:
        check_url(url)
        if not re.fullmatch("[!-~]+", key):
            raise ValueError("The key must be printable ASCII without spaces.")
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._patience = patience
        self._clock = clock
        self._proxies = proxies_for(url)
        self._session = requests.Session()
        self._session.auth = _ProducerKey(key)
        self._session.headers["User-Agent"] = f"ringback-client/{version('ringback')}"
        self._session.headers["Accept"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the answer to a GET; the errors are those of `post`."""
        return read_answer(self._call("GET", path, params=query), expected=200)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """Return the answer to a POST of a JSON body; the same bytes and headers go out in every try.

        Raises:
            Unavailable: every try failed, until the patience was over.
            Unauthorized: the key is not accepted.
            Rejected: the request was refused.
            UnexpectedAnswer: anything else, a redirect among them.
        """
        headers = {"Content-Type": "application/json", **(headers or {})}
        return read_answer(self._call("POST", path, data=body, headers=headers), expected=202)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _call(self, method: str, path: str, **request: Any) -> requests.Response:
        deadline = self._clock.now() + self._patience
        tries = 0
        while True:
            tries += 1
            try:
                response = self._session.request(
                    method,
                    self.url + path,
                    timeout=self._timeout,
                    allow_redirects=False,
                    proxies=self._proxies,
                    **request,
                )
            except requests.RequestException as error:
                trouble, retry_after = f"{type(error).__name__}: {error}", None
            else:
                if response.status_code not in RETRIED_STATUSES:
                    return response
                trouble, retry_after = f"HTTP {response.status_code}.", read_retry_after(response.headers)
            wait = next_wait(tries, deadline - self._clock.now(), retry_after, self._clock.jitter())
            if wait is None:
                raise Unavailable(f"Tries: {tries}; the last one: {trouble}")
            self._clock.sleep(wait)


def is_here(url: str) -> bool:
    """Tell whether the URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxies_for(url: str) -> dict[str, str]:
    """Return the `proxies` of requests to the URL: a proxy for the Internet does not lead to this machine."""
    return {"no_proxy": "*"} if is_here(url) else {}


def check_url(url: str) -> None:
    """Do nothing if this is the address of a service.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("The url must be https:// (or http://), a host, and perhaps a port and a path.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("The url must have no user, query or fragment.")
