"""Fetching a feed: its request, its redirects, and what an answer means."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

import pytest

from doubles import RecordedCalls
from webhooks.feeds.content_codings import MAX_FEED_BYTES
from webhooks.feeds.feed import FeedError, Validators
from webhooks.feeds.fetch import MAX_REDIRECTS, Fetched, fetch, read_answer
from webhooks.http.call import Detail, Failure, Outcome
from webhooks.http.shortages import Shortage

URL = "https://feeds.example/news.xml"
ETAG, DATE = '"abc"', "Mon, 05 Jan 2026 10:00:00 GMT"
KNOWN = Validators(ETAG, DATE, "digest")


class Fetch:
    """A fetch that has started, and its result."""

    def __init__(self, known: Validators = KNOWN) -> None:
        self.calls = RecordedCalls()
        self.ends: list[tuple[str, Outcome]] = []
        self.shortages: list[Shortage] = []
        fetch(self.calls, URL, known, self._end)

    def _end(self, url: str, ending: Outcome | Shortage) -> None:
        if isinstance(ending, Shortage):
            self.shortages.append(ending)
        else:
            self.ends.append((url, ending))

    @property
    def urls(self) -> list[str]:
        """The URLs of its calls."""
        return [call.url for call in self.calls.sent]

    def redirect(self, location: str, status: int = 302) -> None:
        """Answer the latest call with a redirect."""
        self.calls.end(Outcome(status, None, 1, headers={"location": location}))


def received(location: str) -> str:
    """Return a header as the transport returns it: decoded as Latin-1, although servers send UTF-8."""
    return location.encode().decode("latin-1")


def answer(body: bytes = b"<rss/>", status: int = 200, detail: Detail | None = None, **headers: str) -> Outcome:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Outcome(status, None, 1, detail, body, headers=named)


def word(outcome: Outcome, known: Validators = KNOWN) -> str:
    with pytest.raises(FeedError) as error:
        read_answer(outcome, known)
    return error.value.word


def test_an_unchanged_feed_is_not_downloaded_again() -> None:
    (call,) = Fetch().calls.sent
    assert (call.url, call.method, call.body, call.keeps) == (URL, "GET", b"", MAX_FEED_BYTES)
    assert (call.headers["If-None-Match"], call.headers["If-Modified-Since"]) == (ETAG, DATE)
    assert call.headers["Accept-Encoding"] == "gzip"


def test_a_feed_that_was_never_read_is_requested_without_conditions() -> None:
    (call,) = Fetch(Validators()).calls.sent
    assert not {name for name in call.headers if name.startswith("If-")}


def test_an_answer_ends_the_fetch() -> None:
    one, outcome = Fetch(), answer()
    one.calls.end(outcome)
    assert one.ends == [(URL, outcome)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://moved.example/feed", "https://moved.example/feed"),
        ("HTTPS://Moved.example/feed#top", "https://moved.example/feed"),
        ("/feed?a=b", "https://feeds.example/feed?a=b"),
        ("feed", "https://feeds.example/feed"),
        ("//moved.example/", "https://moved.example/"),
        ("/a b?c=d e", "https://feeds.example/a%20b?c=d%20e"),
        ("/a%20b?c=%C3%A9&d=100%", "https://feeds.example/a%20b?c=%C3%A9&d=100%"),
        (received("/café?q=née#là"), "https://feeds.example/caf%C3%A9?q=n%C3%A9e"),
        (received("https://bücher.example/日本.xml"), "https://xn--bcher-kva.example/%E6%97%A5%E6%9C%AC.xml"),
        ("/caf\xe9", "https://feeds.example/caf%E9"),
    ],
)
def test_a_redirect_is_followed_by_another_call(status: int, location: str, target: str) -> None:
    """The transport checks its addresses, as for any call."""
    one, outcome = Fetch(), answer()
    one.redirect(location, status)
    assert one.urls == [URL, target]
    assert one.calls.sent[1].headers == one.calls.sent[0].headers
    one.calls.end(outcome)
    assert one.ends == [(target, outcome)]


@pytest.mark.parametrize(
    "location",
    [
        "http://feeds.example/",
        "ftp://feeds.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:password@feeds.example/",
        "https://feeds.example\\@evil.example/",
        "https://feeds.example @evil.example/",
        "https://feeds\xa0.example/",
        "/a\\b",
        "https://[::1",
        "https://2130706433/",
        "/" + "x" * 3_000,
        "https://feeds.example:99999/",
    ],
)
def test_a_redirect_to_a_forbidden_url_is_not_followed(location: str) -> None:
    one = Fetch()
    one.redirect(location)
    assert one.urls == [URL]
    ((_, outcome),) = one.ends
    assert word(outcome) == "redirect"


def test_a_redirect_without_a_target_ends_the_fetch() -> None:
    one = Fetch()
    one.calls.end(answer(status=302))
    assert word(one.ends[0][1]) == "redirect"


def test_a_limited_number_of_redirects_is_followed() -> None:
    one = Fetch()
    for number in range(MAX_REDIRECTS + 1):
        one.redirect(f"/{number}")
    assert len(one.urls) == MAX_REDIRECTS + 1
    assert word(one.ends[0][1]) == "redirect"


def test_an_answer_is_returned_with_its_validators() -> None:
    body = b"<rss/>"
    outcome = answer(body, etag=ETAG, last_modified=DATE, content_type="text/xml")
    validators = Validators(ETAG, DATE, hashlib.sha256(body).hexdigest())
    assert read_answer(outcome, KNOWN) == Fetched(body, "text/xml", validators)


def test_an_unchanged_feed_has_no_content() -> None:
    assert read_answer(answer(status=304), KNOWN) is None
    assert read_answer(answer(status=304), Validators(etag=ETAG)) is None


def test_a_feed_that_was_never_read_cannot_be_unchanged() -> None:
    """Otherwise all of its items would be new at the next poll."""
    assert word(answer(status=304), Validators()) == "status_304"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(None, Failure.DNS, 1), "dns"),
        (Outcome(None, Failure.BLOCKED, 1), "blocked"),
        (Outcome(503, Failure.TIMEOUT, 1), "timeout"),
        (answer(status=500), "status_500"),
        (answer(status=404), "status_404"),
        (answer(detail=Detail.BODY_TOO_LARGE), "too_large"),
        (answer(detail=Detail.BODY_TIMEOUT), "timeout"),
        (answer(detail=Detail.BODY_RESET), "reset"),
        (answer(detail=Detail.BODY_MALFORMED), "protocol"),
        (answer(content_encoding="br"), "protocol"),
        (answer(b"no gzip", content_encoding="gzip"), "protocol"),
        (answer(gzip.compress(b"cut off")[:-4], content_encoding="gzip"), "truncated"),
        (answer(gzip.compress(b"\0" * (MAX_FEED_BYTES + 1)), content_encoding="gzip"), "too_large"),
        (answer(gzip.compress(b"\0" * (10 * MAX_FEED_BYTES)), content_encoding="gzip"), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "answer",
)
def test_an_answer_that_is_not_a_success_has_a_reason(outcome: Outcome, expected: str) -> None:
    assert word(outcome) == expected


@pytest.mark.parametrize("size", [0, 1_000, MAX_FEED_BYTES])
def test_a_compressed_feed_is_decoded(size: int) -> None:
    body = b"x" * size
    fetched: Any = read_answer(answer(gzip.compress(body), content_encoding="GZIP"), KNOWN)
    assert fetched.body == body


@pytest.mark.parametrize("value", ["\u00e9", "a\x7f", "x" * 1_001])
def test_a_validator_that_no_header_can_carry_is_not_kept(value: str) -> None:
    fetched: Any = read_answer(answer(etag=value, last_modified=value), KNOWN)
    assert (fetched.validators.etag, fetched.validators.last_modified) == ("", "")


def test_a_shortage_during_a_redirect_is_a_local_shortage() -> None:
    one = Fetch()
    one.redirect("/moved.xml")
    one.calls.end(Shortage("EMFILE"))
    assert (one.shortages, one.ends) == ([Shortage("EMFILE")], [])
