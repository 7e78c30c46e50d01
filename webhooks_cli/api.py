"""Calls of the HTTP API with one key; every error is a message of one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote

import click
import msgspec
import requests

from webhooks_cli.answer_shapes import Success
from webhooks_cli.local_run import explain_no_answer
from webhooks_cli.output import printable, with_fields
from webhooks_client.answers import NO_ROUTE, described, error_of, object_of
from webhooks_client.base_url import proxies_for

_TIMEOUT = 30.0
_TEMPORARY_STATUSES = frozenset({429, 502, 503, 504})


class ApiError(click.ClickException):
    """The API refused a call, or did not answer it.

    Attributes:
        is_temporary: the same call may succeed later.
    """

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(printable(message))
        self.is_temporary = is_temporary


class Api:
    """Calls the API as one caller. A context manager.

    Args:
        url: the base URL of the API.
        key: sent in the Authorization header.
        profile_key: selects a user profile.
    """

    def __init__(self, url: str, key: str, profile_key: str | None = None) -> None:
        self.url = url
        self.key = key
        self._session = requests.Session()
        # As an auth object the key overrides a .netrc.
        self._session.auth = lambda request: _authorized(request, key)
        if profile_key is not None:
            self._session.headers["Profile-Key"] = profile_key
        self._options: dict[str, Any] = {"timeout": _TIMEOUT, "proxies": proxies_for(url)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def get(self, *path: str, shape: Any = Success, **query: Any) -> dict[str, Any]:
        """Return the answer to a GET; parameters that are None are left out.

        Args:
            path: the segments of the path below `/api`.
            shape: the type that the answer must fit; it may have more fields.

        Raises:
            ApiError: the call was refused, not answered, or answered by another service.
        """
        return self._call("GET", path, shape, params=query)

    def post(self, *path: str, shape: Any = Success, **body: Any) -> dict[str, Any]:
        """Return the answer to a POST; fields that are None are left out."""
        return self._call("POST", path, shape, json=_without_none(body))

    def patch(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a PATCH; fields that are None are left out."""
        return self._call("PATCH", path, Success, json=_without_none(body))

    def delete(self, *path: str, **body: Any) -> dict[str, Any]:
        """Return the answer to a DELETE; fields that are None are left out."""
        return self._call("DELETE", path, Success, json=_without_none(body) or None)

    def _call(self, method: str, path: tuple[str, ...], shape: Any, **request: Any) -> dict[str, Any]:
        url = "/".join([self.url, "api", *(quote(segment, safe="") for segment in path)])
        with _network_errors(self.url):
            # `requests` would send the Profile-Key to the target of a redirect.
            answer = self._session.request(method, url, allow_redirects=False, **self._options, **request)
        return _read(answer, self.url, shape)


def check_reachable(url: str) -> None:
    """Check that a server answers at a URL, whatever the answer.

    Raises:
        ApiError: there is no answer.
    """
    with _network_errors(url):
        requests.get(f"{url}/healthz", timeout=_TIMEOUT, allow_redirects=False, proxies=proxies_for(url))


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    """Turn the errors of `requests` into an ApiError."""
    try:
        yield
    except requests.RequestException as error:
        message = f"No answer from {url}: {_root_cause(error)}. {explain_no_answer(url)} See --url."
        raise ApiError(message, is_temporary=True) from error


def _root_cause(error: BaseException) -> str:
    """Return the message of the operating system, which requests and urllib3 wrap several times."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _authorized(request: requests.PreparedRequest, key: str) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {key}"
    return request


def _without_none(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _read(answer: requests.Response, url: str, shape: Any) -> dict[str, Any]:
    """Return the content of a successful answer. Its shape, not its status, shows that Ringback sent it."""
    status, content = answer.status_code, object_of(answer)
    is_temporary = status in _TEMPORARY_STATUSES
    if content is not None and 200 <= status <= 299 and _fits(content, shape):
        return content
    error = error_of(content)
    if error is None or status < 400:
        raise ApiError(f"{url}: {described(answer)} Is it a Ringback? See --url.", is_temporary=is_temporary)
    reason = f"{with_fields(error.message, error.errors)} ({status})"
    if error.action == NO_ROUTE and status == 404:
        reason += ". Is it the right URL, and of this version? See --url."
    raise ApiError(reason, is_temporary=is_temporary)


def _fits(content: dict[str, Any], shape: Any) -> bool:
    try:
        msgspec.convert(content, shape)
    except msgspec.ValidationError:
        return False
    return True
