"""Malformed feeds: a fault anywhere in a document changes nothing of its items."""

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
def test_a_fault_in_a_document_changes_nothing_of_its_items(name: str, fault: str) -> None:
    """Each field is what it is without the fault, and so is the key."""
    text = SAMPLES[name]
    assert read(FAULTS[fault](text)) == read(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_wrong_byte_changes_no_other_character(name: str) -> None:
    text = before_the_end(SAMPLES[name], "<x>\ufffd</x>")
    assert read(text.encode().replace("\ufffd".encode(), b"\xe9")) == read(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_faults_are_faults(name: str) -> None:
    """And the samples are none: else nothing would be shown."""
    parse = expat.ParserCreate(None, " ").Parse
    parse(SAMPLES[name].encode(), True)
    for fault in FAULTS.values():
        with pytest.raises(expat.ExpatError):
            expat.ParserCreate(None, " ").Parse(fault(SAMPLES[name]).encode(), True)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_key_is_of_what_the_strict_parser_reads(name: str) -> None:
    """As it has always been of feeds that are well-formed: what is known of them is known after an upgrade."""
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


def test_an_item_is_known_by_what_the_loose_parser_had_read() -> None:
    """As its feed has always been malformed, that was remembered before an upgrade."""
    (item, *_) = read(RSS).items
    assert sha256(b"https://site.example/?a=1&amp;p=1").hexdigest()[:24] in item.aliases


@pytest.mark.parametrize("guid", ["?a=1&b=2", "?a=1&utm_source=rss&copy=2", "a&b", "a&lt=3&b-c.d&", "AT&T; R & D"])
def test_an_item_with_bare_ampersands_is_known_by_what_the_loose_parser_had_read(guid: str) -> None:
    text = f'<rss version="2.0"><channel><item><guid>{guid}</guid></item></channel></rss>'
    (loose,) = feedparser.parse(BytesIO(text.encode())).entries
    (item,) = read(text).items
    assert sha256(loose.id.encode()).hexdigest()[:24] in (item.key, *item.aliases)


MADE_UP = settings(deadline=None, derandomize=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20)


def feed_of(items: list[tuple[str, str, str]]) -> str:
    """Return an RSS feed of these guids, titles and descriptions."""
    inner = "".join(
        f"<item><guid isPermaLink='false'>{escape(guid)}</guid><title>{escape(title)}</title>"
        f"<description>{escape(said)}</description></item>"
        for guid, title, said in items
    )
    return f"<rss version='2.0'><channel><title>News</title>{inner}</channel></rss>"


@MADE_UP
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4), st.sampled_from(sorted(FAULTS)))
def test_whatever_stands_in_items_is_read_in_one_way(items: list[tuple[str, str, str]], fault: str) -> None:
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
def test_whatever_a_document_holds_it_is_well_formed_then(text: str) -> None:
    xml = repaired(f"<rss>{text}").xml
    expat.ParserCreate(None, " ").Parse(xml.encode(), True)


@pytest.mark.parametrize("name", SAMPLES)
def test_of_a_document_that_is_cut_off_only_items_that_ended_are_read(name: str) -> None:
    """Wherever it is cut."""
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
def test_an_rss_feed_whose_channel_has_ended_is_whole(end: str) -> None:
    document = read(f"<rss version='2.0'><channel><item><guid>1</guid></item>{end}")
    assert (len(document.items), document.is_whole) == (1, "</channel>" in end)


@pytest.mark.parametrize("text", ["", "<!-- <rss>", "<html><body>A &amp; B<br></body>", "<rss", "<a><b></a>"])
def test_a_malformed_document_that_holds_no_feed_is_none(text: str) -> None:
    with pytest.raises(FeedError, match="not_a_feed"):
        read(text)
