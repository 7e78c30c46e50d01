"""Authorized calls to one service, retried while the service is unavailable."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import requests
from requests.auth import AuthBase

from webhooks_client.answers import read_answer
from webhooks_client.arguments import check_clock, check_key, check_patience, check_timeout
from webhooks_client.base_url import proxies_for, read_base_url
from webhooks_client.errors import Unavailable
from webhooks_client.retries import RETRIED_STATUSES, Clock, next_wait, read_retry_after


class _ProducerKey(AuthBase):
    """Sets the Authorization header. As an auth object it overrides a `.netrc`, and no repr shows the key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Connection:
    """Makes calls over a pool of keep-alive connections. Threads may share it: no call changes its state.

    Args:
        url: the address of the service, `https://host` with an optional port and path.
        key: the producer key.
        timeout: seconds to wait for a connection, and for each part of an answer.
        patience: seconds for which a call is retried.
        clock: the source of time.

    Attributes:
        url: the address without a trailing slash or `/api`.

    Raises:
        ValueError: an argument is malformed; the message names it, and does not quote the key.
    """

    def __init__(self, url: str, key: str, timeout: float, patience: float, clock: Clock) -> None:
        self.url = read_base_url(url)
        check_key(key)
        check_timeout(timeout)
        check_patience(patience)
        check_clock(clock)
        self._timeout = timeout
        self._patience = patience
        self._clock = clock
        self._proxies = proxies_for(self.url)
        self._session = requests.Session()
        self._session.auth = _ProducerKey(key)
        self._session.headers["User-Agent"] = f"ringback-client/{version('ringback-client')}"
        self._session.headers["Accept"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the answer to a GET; the errors are those of `post`."""
        return read_answer(self._call("GET", path, params=query), expected=200)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """Return the answer to a POST of a JSON body. Every attempt sends the same bytes and headers.

        Raises:
            Unavailable: no attempt succeeded within the patience.
            Unauthorized: the key is not accepted.
            Rejected: the service refused the event.
            UnexpectedAnswer: any other answer, including a redirect.
        """
        headers = {"Content-Type": "application/json", **(headers or {})}
        return read_answer(self._call("POST", path, data=body, headers=headers), expected=202)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _call(self, method: str, path: str, **request: Any) -> requests.Response:
        deadline = self._clock.now() + self._patience
        attempts = 0
        while True:
            attempts += 1
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
                failure, retry_after = f"{type(error).__name__}: {error}", None
            else:
                if response.status_code not in RETRIED_STATUSES:
                    return response
                failure, retry_after = f"HTTP {response.status_code}.", read_retry_after(response.headers)
            wait = next_wait(attempts, deadline - self._clock.now(), retry_after, self._clock.jitter())
            if wait is None:
                raise Unavailable(f"Tries: {attempts}; the last one: {failure}")
            self._clock.sleep(wait)
