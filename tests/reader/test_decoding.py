"""The encoding of a feed, from all of its sources."""

from __future__ import annotations

import codecs

import pytest

from webhooks.feeds.reader.decoding import decoded
from webhooks.feeds.reader.document import document_of

URL = "https://feeds.example/"
ASCII = '<?xml version="1.0" encoding="UTF-16"?><rss version="2.0"><channel><title>News</title></channel></rss>'
CAFE = "Caf\u00e9"
BARE = '<rss version="2.0"><channel><title>News</title></channel></rss>'
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
HEADERS = ["", "text/xml", "application/rss+xml", "text/xml; charset=utf-8", "text/html; charset=iso-8859-1"]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("text", [ASCII, ASCII.replace("News", "Caf\u00e9 \u2014 \u65b0\u805e \U0001f355")])
def test_a_byte_order_mark_determines_the_encoding(text: str, encoding: str, header: str) -> None:
    """Whatever the other sources say: a mark is never there by mistake."""
    assert decoded(MARKED[encoding] + text.encode(encoding), header) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [ASCII, BARE], ids=["declared", "not declared"])
def test_zero_bytes_reveal_the_encoding_without_a_byte_order_mark(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding), "text/xml") == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_an_ascii_feed_with_a_byte_order_mark_is_read(encoding: str) -> None:
    assert document_of(MARKED[encoding] + ASCII.encode(encoding), "text/xml", URL).title == "News"


@pytest.mark.parametrize(
    ("declared", "header", "written"),
    [
        ("windows-1252", "", "windows-1252"),
        ("windows-1251", "text/xml", "windows-1251"),
        ("Shift_JIS", "application/xml", "shift_jis"),
        ("gb2312", "", "gb18030"),
        ("utf-8", "text/xml; charset=windows-1252", "windows-1252"),
        ("utf-8", 'text/xml; boundary=x; Charset="windows-1252"', "windows-1252"),
        ("utf-8", "text/xml; charset=nonsense", "utf-8"),
        ("nonsense", "", "utf-8"),
        ("utf-8", "text/xml; charset=us-ascii", "utf-8"),
        ("windows-1252", "text/xml; charset=utf-8", "windows-1252"),
        ("utf-16", "text/xml", "utf-8"),
        ("utf-16", "text/xml; charset=utf-16", "utf-8"),
        ("utf-8", "", "windows-1252"),
    ],
)
def test_without_a_mark_header_document_and_bytes_decide_in_order(
    declared: str, header: str, written: str
) -> None:
    """A wrong declaration is ignored."""
    words = {
        "windows-1251": "\u041d\u043e\u0432\u043e\u0441\u0442\u0438",
        "shift_jis": "\u65b0\u805e",
        "gb18030": "\u65b0\u95fb",
    }
    text = f'<?xml version="1.0" encoding="{declared}"?><rss>{words.get(written, CAFE)}</rss>'
    assert decoded(text.encode(written), header) == text


@pytest.mark.parametrize("cut", [1, 3])
def test_a_document_cut_within_a_character_is_read_up_to_it(cut: int) -> None:
    text = decoded((codecs.BOM_UTF16_LE + ASCII.encode("utf-16-le"))[:-cut], "")
    assert text.startswith(ASCII[:-2])


def test_one_wrong_byte_is_read_as_windows_1252() -> None:
    assert (
        decoded("Caf\u00e9 \u2014 ".encode() + b"\x93caf\xe9!\x94\x81", "")
        == "Caf\u00e9 \u2014 \u201ccaf\u00e9!\u201d\ufffd"
    )
