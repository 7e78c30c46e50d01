"""The HTTP API as a command calls it, with one key; an error is told in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote

import click
import requests

from webhooks_cli.output import printable, with_fields
from webhooks_client.connection import proxies_for

_SECONDS = 30.0
_PASSING = frozenset({429, 502, 503, 504})


class ApiError(click.ClickException):
    """The API refused a call, or did not answer it.

    Attributes:
        is_passing: the same call may well succeed a little later.
    """

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(printable(message))
        self.is_passing = is_passing


class Api:
    """Calls as one caller. A context manager.

    Args:
        url: where the API is.
        key: goes into the Authorization header.
        profile_key: picks a user profile.
    """

    def __init__(self, url: str, key: str, profile_key: str | None = None) -> None:
        self.url = url
        self.key = key
        self._session = requests.Session()
        # As an auth object the key wins over a .netrc.
        self._session.auth = lambda request: _authorized(request, key)
        if profile_key is not None:
            self._session.headers["Profile-Key"] = profile_key
        self._options: dict[str, Any] = {"timeout": _SECONDS, "proxies": proxies_for(url)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def get(self, *path: str, **query: Any) -> dict[str, Any]:
        """Return the answer to a GET; what is None is left out of the query.

        Args:
            path: its segments below `/api`.

        Raises:
            ApiError: it was refused, or not answered.
        """
        return self._call("GET", path, params=query)

    def post(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a POST; what is None is left out of the body."""
        return self._call("POST", path, json=_given(body))

    def patch(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a PATCH; what is None is left out of the body."""
        return self._call("PATCH", path, json=_given(body))

    def delete(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a DELETE; what is None is left out of the body."""
        return self._call("DELETE", path, json=_given(body) or None)

    def _call(self, method: str, path: tuple[str, ...], **request: Any) -> dict[str, Any]:
        url = "/".join([self.url, "api", *(quote(segment, safe="") for segment in path)])
        with _answering(self.url):
            # A redirect would take the Profile-Key with it.
            answer = self._session.request(method, url, allow_redirects=False, **self._options, **request)
        return _read(answer, self.url)


def check_answers(url: str) -> None:
    """Do nothing if somebody answers there, whatever the answer.

    Raises:
        ApiError: nobody does.
    """
    with _answering(url):
        requests.get(f"{url}/healthz", timeout=_SECONDS, allow_redirects=False, proxies=proxies_for(url))


@contextmanager
def _answering(url: str) -> Iterator[None]:
    try:
        yield
    except requests.RequestException as error:
        message = f"No answer from {url}: {_root(error)}. Does Ringback run there? See --url."
        raise ApiError(message, is_passing=True) from error


def _root(error: BaseException) -> str:
    """Return what the operating system said, which requests and urllib3 wrap several times."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _authorized(request: requests.PreparedRequest, key: str) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {key}"
    return request


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _read(answer: requests.Response, url: str) -> dict[str, Any]:
    status = answer.status_code
    try:
        content = answer.json()
    except requests.JSONDecodeError:
        content = None
    is_passing = status in _PASSING
    if not isinstance(content, dict):
        message = f"{url} answered {status} without a JSON object. Is it a Ringback? See --url."
        raise ApiError(message, is_passing=is_passing)
    if 200 <= status <= 299:
        return content
    reason = with_fields(str(content.get("message") or "No reason was given."), content.get("errors") or {})
    raise ApiError(f"{reason} ({status})", is_passing=is_passing)
