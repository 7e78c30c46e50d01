"""Malformed feeds: a fault anywhere in a document changes nothing in its items."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from xml.parsers import expat
from xml.sax.saxutils import escape

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.samples import RSS, SAMPLES
from webhooks.feeds.feed import FeedDocument, FeedError
from webhooks.feeds.reader.document import document_of
from webhooks.feeds.reader.repair import repaired

URL = "https://feeds.example/blog/feed.xml"


def read(text: str | bytes) -> FeedDocument:
    return document_of(text if isinstance(text, bytes) else text.encode(), "application/xml", URL)


def before_the_end(text: str, added: str) -> str:
    """Return a feed with this before the last tag."""
    start = text.rindex("</")
    return text[:start] + added + text[start:]


def on_its_root(text: str, added: str) -> str:
    """Return a feed with this among the attributes of its root."""
    return re.sub(r"<(rss|rdf:RDF|feed|a:feed)\b", rf"<\1 {added}", text)


FAULTS: dict[str, Callable[[str], str]] = {
    "a bare ampersand": lambda text: before_the_end(text, "<x>R&D &</x>"),
    "an HTML entity": lambda text: before_the_end(text, "<x>&nbsp;&eacute;</x>"),
    "an unknown entity": lambda text: before_the_end(text, "<x>&nothing;</x>"),
    "a character that may not be": lambda text: before_the_end(text, "<x>\x0b</x>"),
    "a reference to one": lambda text: before_the_end(text, "<x>&#0;&#x1f;&#xd800;&#x110000;</x>"),
    "a bare bracket": lambda text: before_the_end(text, "<x>1 < 2 <3</x>"),
    "an element without an end": lambda text: before_the_end(text, "<x>"),
    "an end without an element": lambda text: before_the_end(text, "</x>"),
    "elements that overlap": lambda text: before_the_end(text, "<x><y></x></y>"),
    "a prefix that is not declared": lambda text: before_the_end(text, "<foo:x>1</foo:x><x bar:y='1'/>"),
    "an attribute without quotes": lambda text: before_the_end(text, "<x a=1 b/>"),
    "an attribute twice": lambda text: before_the_end(text, "<x a='1' a='2'/>"),
    "a bracket in an attribute": lambda text: before_the_end(text, "<x a='<b>'/>"),
    "a quote too few": lambda text: before_the_end(text, '<x a="1>2</x>'),
    "a comment in a comment": lambda text: before_the_end(text, "<!-- a -- b -->"),
    "a declaration in the middle": lambda text: before_the_end(text, "<?xml version='1.0'?><!DOCTYPE html>"),
    "a reserved prefix": lambda text: on_its_root(text, "xmlns:xml='urn:x' xmlns:y=''"),
    "blank lines first": lambda text: f"\n\n {text}",
    "a warning first": lambda text: f"<br />\n<b>Warning</b>: headers & more in <b>/x.php</b>\n{text}",
    "two declarations": lambda text: f"<?xml version='1.0'?>\n{text}",
    "text behind": lambda text: f"{text}\n<script>if (a && b < c) {{}}</script> & <!--",
    "another feed behind": lambda text: f"{text}{text}",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_malformed_document_has_the_same_items(name: str, fault: str) -> None:
    """Each field and the key are the same as without the fault."""
    text = SAMPLES[name]
    assert read(FAULTS[fault](text)) == read(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_wrong_byte_affects_no_other_character(name: str) -> None:
    text = before_the_end(SAMPLES[name], "<x>\ufffd</x>")
    assert read(text.encode().replace("\ufffd".encode(), b"\xe9")) == read(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_well_formed_and_the_faulty_ones_are_not(name: str) -> None:
    """Otherwise these tests would prove nothing."""
    parse = expat.ParserCreate(None, " ").Parse
    parse(SAMPLES[name].encode(), True)
    for fault in FAULTS.values():
        with pytest.raises(expat.ExpatError):
            expat.ParserCreate(None, " ").Parse(fault(SAMPLES[name]).encode(), True)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_key_is_made_from_the_result_of_the_strict_parser(name: str) -> None:
    """Well-formed feeds have always had these keys, so their known items stay known after an upgrade."""
    strict = feedparser.parse(BytesIO(SAMPLES[name].encode()))
    assert not strict.bozo
    said = [
        entry.get("id")
        or entry.get("link")
        or repr([entry.get(name) for name in ("title", "summary", "published")])
        for entry in strict.entries
    ]
    assert [item.key for item in read(SAMPLES[name]).items] == [
        sha256(text.encode()).hexdigest()[:24] for text in said
    ]


def test_an_item_is_recognized_by_the_keys_of_the_loose_parser() -> None:
    """A feed that has always been malformed was stored with these keys before an upgrade."""
    (item, *_) = read(RSS).items
    assert sha256(b"https://site.example/?a=1&amp;p=1").hexdigest()[:24] in item.aliases


@pytest.mark.parametrize("guid", ["?a=1&b=2", "?a=1&utm_source=rss&copy=2", "a&b", "a&lt=3&b-c.d&", "AT&T; R & D"])
def test_an_item_with_bare_ampersands_is_recognized_by_its_older_keys(guid: str) -> None:
    text = f'<rss version="2.0"><channel><item><guid>{guid}</guid></item></channel></rss>'
    (loose,) = feedparser.parse(BytesIO(text.encode())).entries
    (item,) = read(text).items
    assert sha256(loose.id.encode()).hexdigest()[:24] in (item.key, *item.aliases)


MADE_UP = settings(deadline=None, derandomize=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20)


def feed_of(items: list[tuple[str, str, str]]) -> str:
    """Return an RSS feed with these guids, titles and descriptions."""
    inner = "".join(
        f"<item><guid isPermaLink='false'>{escape(guid)}</guid><title>{escape(title)}</title>"
        f"<description>{escape(said)}</description></item>"
        for guid, title, said in items
    )
    return f"<rss version='2.0'><channel><title>News</title>{inner}</channel></rss>"


@MADE_UP
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4), st.sampled_from(sorted(FAULTS)))
def test_repaired_items_are_read_like_well_formed_ones(items: list[tuple[str, str, str]], fault: str) -> None:
    text = feed_of(items)
    assert read(FAULTS[fault](text)) == read(text)


CHARACTERS = st.sampled_from("<>&\"'/= !?-[]:;#ax1\u00e9\0\ud800")
TAGS = st.sampled_from(["<rss>", "</rss>", "<item>", "</item>", "<a:b", "<xml:c", "<xmlns:d", "<!DOCTYPE a ["])
ATTRIBUTES = st.sampled_from([" xmlns:a='u'", " xmlns:xml=''", " xmlns=''", " a='1'", " b:a=2", " c"])
OTHERS = st.sampled_from(
    ["<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&amp;", "&nbsp;", "&#x1;", "&#9;", "&lt"]
)
PIECES = CHARACTERS | TAGS | ATTRIBUTES | OTHERS


@MADE_UP
@given(st.lists(PIECES, max_size=40).map("".join))
def test_a_repaired_document_is_well_formed(text: str) -> None:
    xml = repaired(f"<rss>{text}").xml
    expat.ParserCreate(None, " ").Parse(xml.encode(), True)


@pytest.mark.parametrize("name", SAMPLES)
def test_of_a_truncated_document_only_complete_items_are_read(name: str) -> None:
    """At any position of the cut."""
    text = SAMPLES[name]
    whole = read(text)
    ends = [found.end() for found in re.finditer(r"</(a:)?(item|entry)>", text)]
    end = text.index("</channel>") + len("</channel>") if name in {"rss", "entities"} else len(text)
    for cut in range(re.search(r"<(rss|rdf:RDF|feed|a:feed)[^>]*>", text).end(), len(text)):  # type: ignore[union-attr]
        document = read(text[:cut])
        count = sum(end <= cut for end in ends)
        assert document.items == whole.items[:count], text[:cut]
        assert document.is_whole == (cut >= end)
    assert whole.is_whole


@pytest.mark.parametrize("end", ["</rss", "</channel></rs", "</channel>", "</channel>\n<!-- x"])
def test_an_rss_feed_with_a_closed_channel_is_complete(end: str) -> None:
    document = read(f"<rss version='2.0'><channel><item><guid>1</guid></item>{end}")
    assert (len(document.items), document.is_whole) == (1, "</channel>" in end)


@pytest.mark.parametrize("text", ["", "<!-- <rss>", "<html><body>A &amp; B<br></body>", "<rss", "<a><b></a>"])
def test_a_malformed_document_without_a_feed_is_refused(text: str) -> None:
    with pytest.raises(FeedError, match="not_a_feed"):
        read(text)
