"""The HTTP API as a command calls it, with one key; an error is told in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote

import click
import msgspec
import requests

from webhooks_cli.answer_shapes import Success
from webhooks_cli.local_run import why_nobody_answers
from webhooks_cli.output import printable, with_fields
from webhooks_client.answers import NO_ROUTE, described, error_of, object_of
from webhooks_client.base_url import proxies_for

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

    def get(self, *path: str, shape: Any = Success, **query: Any) -> dict[str, Any]:
        """Return the answer to a GET; what is None is left out of the query.

        Args:
            path: its segments below `/api`.
            shape: the type that the answer fits. It may have more than that.

        Raises:
            ApiError: it was refused, not answered, or answered by something else.
        """
        return self._call("GET", path, shape, params=query)

    def post(self, *path: str, shape: Any = Success, **body: Any) -> dict[str, Any]:
        """Return the answer to a POST; what is None is left out of the body."""
        return self._call("POST", path, shape, json=_given(body))

    def patch(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a PATCH; what is None is left out of the body."""
        return self._call("PATCH", path, Success, json=_given(body))

    def delete(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a DELETE; what is None is left out of the body."""
        return self._call("DELETE", path, Success, json=_given(body) or None)

    def _call(self, method: str, path: tuple[str, ...], shape: Any, **request: Any) -> dict[str, Any]:
        url = "/".join([self.url, "api", *(quote(segment, safe="") for segment in path)])
        with _answering(self.url):
            # A redirect would take the Profile-Key with it.
            answer = self._session.request(method, url, allow_redirects=False, **self._options, **request)
        return _read(answer, self.url, shape)


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
        message = f"No answer from {url}: {_root(error)}. {why_nobody_answers(url)} See --url."
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


def _read(answer: requests.Response, url: str, shape: Any) -> dict[str, Any]:
    """Return what an answer holds, if that is Ringback's and no error: its shape decides, never a status alone."""
    status, content = answer.status_code, object_of(answer)
    is_passing = status in _PASSING
    if content is not None and 200 <= status <= 299 and _fits(content, shape):
        return content
    error = error_of(content)
    if error is None or status < 400:
        raise ApiError(f"{url}: {described(answer)} Is it a Ringback? See --url.", is_passing=is_passing)
    reason = f"{with_fields(error.message, error.errors)} ({status})"
    if error.action == NO_ROUTE and status == 404:
        reason += ". Is it the right URL, and of this version? See --url."
    raise ApiError(reason, is_passing=is_passing)


def _fits(content: dict[str, Any], shape: Any) -> bool:
    try:
        msgspec.convert(content, shape)
    except msgspec.ValidationError:
        return False
    return True
