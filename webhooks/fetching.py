"""Fetching a feed: a GET through the same guarded transport as deliveries, and what its answer is worth.

Redirects are followed, as feeds move: each leads to a URL that a webhook could have, and its addresses are judged
like those of any call. Nothing of them is remembered.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from webhooks.calls import Call, Calls
from webhooks.deliveries import Detail, Outcome
from webhooks.destinations import read_url
from webhooks.feeds import FeedTrouble, Validators
from webhooks.shortages import Shortage

#: Bytes of a feed at most, as it comes and without its compression.
MAX_FEED_BYTES = 2_000_000
MOST_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_ACCEPT = {
    "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1",
    "Accept-Encoding": "gzip",
}
#: The longest ETag or date that is sent back; of what is longer, the feed is fetched whole each time.
_LONGEST_VALIDATOR = 1_000
#: What a body that did not come whole is called; `protocol` if nothing else.
_TROUBLES = {
    Detail.BODY_TIMEOUT: "timeout",
    Detail.BODY_TOO_LARGE: "too_large",
    Detail.BODY_RESET: "reset",
}

OnEnd = Callable[[str, Outcome | Shortage], None]


@dataclass(frozen=True)
class Fetched:
    """A feed as it came.

    Attributes:
        validators: what to compare the next with.
    """

    body: bytes
    content_type: str
    validators: Validators


def fetch(calls: Calls, url: str, known: Validators, on_end: OnEnd) -> None:
    """Begin to fetch a feed. `on_end` gets where it was found in the end, and the outcome, or why there is none.

    Args:
        known: of the feed as it was read last; if it has not changed, the outcome can say so.
    """
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    headers = _ACCEPT | {name: value for name, value in conditions.items() if value}
    _fetch(calls, url, headers, MOST_REDIRECTS, on_end)


def read_answer(outcome: Outcome, known: Validators) -> Fetched | None:
    """Return the feed that was answered; None if it has not changed.

    Args:
        known: what it was fetched with.

    Raises:
        FeedTrouble: there was no answer, it did not come whole, or it is no success.
    """
    if outcome.failure is not None:
        raise FeedTrouble(outcome.failure.value)
    if outcome.status == _NOT_MODIFIED and (known.etag or known.last_modified):
        return None
    if outcome.status in _REDIRECTS:
        raise FeedTrouble("redirect")
    if not outcome.succeeded:
        raise FeedTrouble(f"status_{outcome.status}")
    if outcome.detail is not None:
        raise FeedTrouble(_TROUBLES.get(outcome.detail, "protocol"))
    body = _plain(outcome.body, outcome.headers.get("content-encoding", ""))
    validators = Validators(
        etag=_validator(outcome.headers.get("etag", "")),
        last_modified=_validator(outcome.headers.get("last-modified", "")),
        digest=hashlib.sha256(body).hexdigest(),
    )
    return Fetched(body, outcome.headers.get("content-type", ""), validators)


def _fetch(calls: Calls, url: str, headers: Mapping[str, str], redirects: int, on_end: OnEnd) -> None:
    def end(outcome: Outcome | Shortage) -> None:
        target = _target(url, outcome) if redirects and isinstance(outcome, Outcome) else None
        if target is None:
            on_end(url, outcome)
        else:
            _fetch(calls, target, headers, redirects - 1, on_end)

    calls.send(Call(url, headers, b"", method="GET", keeps=MAX_FEED_BYTES), end)


def _target(url: str, outcome: Outcome) -> str | None:
    """Return where an answer redirects to; None if nowhere, or where it cannot be followed."""
    if outcome.status not in _REDIRECTS or outcome.failure is not None:
        return None
    try:
        return read_url(urldefrag(urljoin(url, outcome.headers["location"])).url).url
    except (KeyError, ValueError):
        return None


def _plain(body: bytes, encoding: str) -> bytes:
    """Return a body without its compression.

    Raises:
        FeedTrouble: it is longer than a feed may be, is cut off or malformed, or compressed in another way.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body)
    raise FeedTrouble("protocol")


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(body, MAX_FEED_BYTES + 1)
    except zlib.error:
        raise FeedTrouble("protocol") from None
    if len(plain) > MAX_FEED_BYTES:
        raise FeedTrouble("too_large")
    if not inflater.eof:
        raise FeedTrouble("protocol")
    return plain


def _validator(value: str) -> str:
    """Return what can be sent back in a header as it is; nothing if it cannot."""
    fits = value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR
    return value if fits else ""
