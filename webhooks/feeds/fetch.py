"""Fetching a feed: a GET through the same guarded transport as deliveries, and the check of its answer.

Redirects are followed, as feeds move. The URL of each must be one that a webhook could have, and its addresses are
checked as for any call. Redirects are not remembered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urldefrag, urljoin

from webhooks.feeds.content_codings import MAX_FEED_BYTES, plain_body
from webhooks.feeds.feed import FeedError, Validators
from webhooks.http.call import Call, Calls, Detail, Outcome
from webhooks.http.destinations import Destination, read_url
from webhooks.http.shortages import Shortage

MAX_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_ACCEPT = {
    "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1",
    "Accept-Encoding": "gzip",
}
#: The longest ETag or date that is sent back. With a longer one, the whole feed is fetched each time.
_MAX_VALIDATOR = 1_000
#: The errors of a body that did not arrive completely; others are `protocol`.
_BODY_ERRORS = {
    Detail.BODY_TIMEOUT: "timeout",
    Detail.BODY_TOO_LARGE: "too_large",
    Detail.BODY_RESET: "reset",
}

#: The part of an absolute or relative URL before its path.
_ORIGIN = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?", re.IGNORECASE)
#: Characters that need no encoding in a path, a query or a fragment. The backslash is not encoded, so that it is
#: refused later.
_AS_IT_IS = "%/?#[]@!$&'()*+,;=:\\"

OnEnd = Callable[[str, Outcome | Shortage], None]


@dataclass(frozen=True)
class Fetched:
    """A fetched feed.

    Attributes:
        validators: to compare the next answer with.
    """

    body: bytes
    content_type: str
    validators: Validators


def fetch(calls: Calls, url: str, known: Validators, on_end: OnEnd) -> None:
    """Begin to fetch a feed. `on_end` gets the URL where it was found in the end, and the outcome or a shortage.

    Args:
        known: the validators of the version that was read last, so that the server can answer 304.
    """
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    headers = _ACCEPT | {name: value for name, value in conditions.items() if value}
    _fetch(calls, read_url(url), headers, MAX_REDIRECTS, on_end)


def read_answer(outcome: Outcome, known: Validators) -> Fetched | None:
    """Return the feed of an answer; None if it has not changed.

    Args:
        known: the validators of the request.

    Raises:
        FeedError: there is no answer, it is incomplete, or its status is not a success.
    """
    if outcome.failure is not None:
        raise FeedError(outcome.failure.value)
    if outcome.status == _NOT_MODIFIED and (known.etag or known.last_modified):
        return None
    if outcome.status in _REDIRECTS:
        raise FeedError("redirect")
    if not outcome.succeeded:
        raise FeedError(f"status_{outcome.status}")
    if outcome.detail is not None:
        raise FeedError(_BODY_ERRORS.get(outcome.detail, "protocol"))
    body = plain_body(outcome.body, outcome.headers.get("content-encoding", ""))
    validators = Validators(
        etag=_validator(outcome.headers.get("etag", "")),
        last_modified=_validator(outcome.headers.get("last-modified", "")),
        digest=hashlib.sha256(body).hexdigest(),
    )
    return Fetched(body, outcome.headers.get("content-type", ""), validators)


def _fetch(
    calls: Calls, destination: Destination, headers: Mapping[str, str], redirects: int, on_end: OnEnd
) -> None:
    def end(outcome: Outcome | Shortage) -> None:
        target = _target(destination.url, outcome) if redirects and isinstance(outcome, Outcome) else None
        if target is None:
            on_end(destination.url, outcome)
        else:
            _fetch(calls, target, headers, redirects - 1, on_end)

    calls.send(Call(destination, headers, b"", method="GET", keeps=MAX_FEED_BYTES), end)


def _target(url: str, outcome: Outcome) -> Destination | None:
    """Return where an answer redirects to; None if it does not, or cannot be followed."""
    if outcome.status not in _REDIRECTS or outcome.failure is not None:
        return None
    try:
        return read_url(urldefrag(urljoin(url, _encoded(outcome.headers["location"]))).url)
    except (KeyError, ValueError):
        return None


def _encoded(location: str) -> str:
    """Return a `Location` with blanks and non-ASCII bytes percent-encoded, except in its host.

    Args:
        location: the header, read as Latin-1; servers send UTF-8, or bytes of any other encoding.
    """
    text = location.encode("latin-1").decode("utf-8", "surrogateescape")
    rest = _ORIGIN.sub("", text, count=1)
    return text.removesuffix(rest) + quote(rest, safe=_AS_IT_IS, errors="surrogateescape")


def _validator(value: str) -> str:
    """Return a validator if it can be sent back unchanged in a header; otherwise nothing."""
    fits = value.isascii() and value.isprintable() and len(value) <= _MAX_VALIDATOR
    return value if fits else ""
