"""What is read from an item: its texts, its date, its link, and its keys."""

from __future__ import annotations

import html

import pytest

from webhooks.feeds.feed import Item
from webhooks.feeds.reader.document import document_of

URL = "https://feeds.example/blog/feed.xml"
HOME = "https://blog.example/"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def rss(*items: str) -> tuple[Item, ...]:
    inner = "".join(f"<item>{one}</item>" for one in items)
    text = f'<rss version="2.0" {NAMESPACES}><channel><link>{HOME}</link>{inner}</channel></rss>'
    return document_of(text.encode(), "", URL).items


def atom(*entries: str) -> tuple[Item, ...]:
    inner = "".join(f"<entry>{one}</entry>" for one in entries)
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><link href="{HOME}"/>{inner}</feed>'
    return document_of(text.encode(), "", URL).items


@pytest.mark.parametrize("kind", ["html", "text/html", "HTML"])
@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Bob&#8217;s <em>AT&amp;T</em>", "Bob\u2019s AT&T"),
        ("un<b>believ</b>able<br>news<p>two</p>", "unbelievable news two"),
        ("1 &lt; 2 &amp;amp; <i>3</i>", "1 < 2 &amp; 3"),
        ("<3 Deno", "<3 Deno"),
        ("a <3 b > c", "a <3 b > c"),
        ('<a href="https://a.example/?a>b">A link</a>', "A link"),
        ("<script>alert(1)</script>Safe<!-- not -->", "Safe"),
        ("<img src='x.png' alt='x'> A picture", "A picture"),
    ],
)
def test_the_title_of_an_atom_entry_in_html_becomes_plain_text(kind: str, markup: str, title: str) -> None:
    (item,) = atom(f'<title type="{kind}">{html.escape(markup)}</title>')
    assert item.title == title


def test_the_title_of_an_atom_entry_in_xhtml_becomes_plain_text() -> None:
    inner = '<div xmlns="http://www.w3.org/1999/xhtml">Less: <em>&lt;</em> &amp;amp; AT&amp;T</div>'
    (item,) = atom(f'<title type="xhtml">{inner}</title>')
    assert item.title == "Less: < &amp; AT&T"


@pytest.mark.parametrize("kind", ["", ' type="text"', ' type="text/plain"'])
def test_the_plain_title_of_an_atom_entry_is_unchanged(kind: str) -> None:
    (item,) = atom(f"<title{kind}>std::ptr&lt;S&gt; &amp;amp; &lt;b&gt;x&lt;/b&gt;</title>")
    assert item.title == "std::ptr<S> &amp; <b>x</b>"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Two &amp; more", "Two & more"),
        ("Ocado&amp;#39;s AT&amp;amp;T", "Ocado's AT&T"),
        ("It&amp;apos;s", "It's"),
        ("<![CDATA[Bob&#8217;s <em>AT&amp;T</em>]]>", "Bob\u2019s AT&T"),
        ("&lt;b&gt;Bold&lt;/b&gt; news", "Bold news"),
        ("<b>Bold</b> news", "Bold news"),
        ("Intent to unship: &lt;a&gt; as &lt;area&gt;", "Intent to unship: <a> as <area>"),
        ("RSS &lt;&lt;&lt;Tutorial&gt;&gt;&gt;", "RSS <<<Tutorial>>>"),
        ("1 &lt; 2 &amp; 3; a &gt; b", "1 < 2 & 3; a > b"),
    ],
)
def test_the_title_of_an_rss_item_becomes_plain_text(written: str, title: str) -> None:
    """However often it was escaped; text that only resembles a tag stays."""
    for name in ("title", "dc:title"):
        (item,) = rss(f"<{name}>{written}</{name}>")
        assert item.title == title


def test_the_title_of_a_feed_becomes_plain_text() -> None:
    title = '<title type="html">A &amp;amp; &lt;i&gt;B&lt;/i&gt;</title>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{title}</feed>'
    assert document_of(feed.encode(), "", URL).title == "A & B"
    feed = '<rss version="2.0"><channel><title>A &amp;amp; B</title></channel></rss>'
    assert document_of(feed.encode(), "", URL).title == "A & B"


@pytest.mark.parametrize(
    ("inner", "description"),
    [
        ("<summary>1 &amp; &lt;script&gt;x&lt;/script&gt;</summary>", "1 &amp; &lt;script&gt;x&lt;/script&gt;"),
        ("<content>a &lt; b</content>", "a &lt; b"),
        ("<media:group><media:description type='plain'>a &lt; b</media:description></media:group>", "a &lt; b"),
        ("<summary type='html'>&lt;p&gt;1 &amp;lt; 2&lt;script&gt;x&lt;/script&gt;</summary>", "<p>1 &lt; 2"),
        ("<content type='html'>&lt;p&gt;x&lt;/p&gt;</content>", "<p>x</p>"),
        ("<content type='xhtml'><div><p>&amp;</p></div></content>", "<p>&amp;</p>"),
    ],
    ids=["plain summary", "plain content", "plain media", "HTML summary", "HTML content", "XHTML content"],
)
def test_a_description_is_html_without_scripts(inner: str, description: str) -> None:
    """Plain text is escaped: otherwise it would become markup where it is shown."""
    (item,) = atom(inner)
    assert item.description == description


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("1796072441", "2026-11-30T21:00:41Z"),
        (" 1796072441.25\n", "2026-11-30T21:00:41Z"),
        ("1796072441000", "2026-11-30T21:00:41Z"),
        ("999999999", "2001-09-09T01:46:39Z"),
        ("20260105", "2026-01-05T00:00:00Z"),
        ("20260105103005", "2026-01-05T10:30:05Z"),
        ("2026", "2026-01-01T00:00:00Z"),
        ("01 Aug 17 13:26 UTC", "2017-08-01T13:26:00Z"),
        ("1964-01-05", "1964-01-05T00:00:00Z"),
        ("12345678901", ""),
        ("123456789012345678", ""),
        ("99999999", ""),
        ("0", ""),
        ("-1", ""),
        ("Thu, 01 Jan 1970 00:00:00 GMT", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("1601-01-01T00:00:00Z", ""),
        ("1899-12-30T00:00:00Z", ""),
        ("0000-00-00 00:00:00", ""),
        ("-0001-11-30T00:00:00+00:00", ""),
        ("Mon, 05 Jan 126 10:00:00 GMT", ""),
        ("9999-12-31T23:59:59Z", ""),
    ],
)
def test_a_plausible_date_is_read_and_any_other_left_out(date: str, published: str) -> None:
    """Unix time is read too; the zero of a clock is no date."""
    (item,) = rss(f"<pubDate>{date}</pubDate>")
    assert item.published == published


def test_an_item_without_a_date_has_that_of_its_last_change() -> None:
    (item,) = atom("<published>0001-01-01T00:00:00Z</published><updated>2026-01-05T10:00:00Z</updated>")
    assert item.published == "2026-01-05T10:00:00Z"


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://a.example/my file.pdf", "https://a.example/my%20file.pdf"),
        ("//a.example/Tax Crackdown, China\u2019s", "https://a.example/Tax%20Crackdown,%20China\u2019s"),
        ('https://a.example/a&lt;b&gt;"c|d^e`f{g}', "https://a.example/a%3Cb%3E%22c%7Cd%5Ee%60f%7Bg%7D"),
        ("https://a.example/a\u00a0b?c=d e#f g", "https://a.example/a%C2%A0b?c=d%20e#f%20g"),
        ("\n  https://a.example/x\n  ", "https://a.example/x"),
        ("https://a.example/100%25%20?a=1&amp;amp;b=[2]", "https://a.example/100%25%20?a=1&b=[2]"),
        ("<![CDATA[https://a.example/?a=1&b=2]]>", "https://a.example/?a=1&b=2"),
        ("https://a.example/\u65e5\u672c", "https://a.example/\u65e5\u672c"),
        ("my file", "https://feeds.example/blog/my%20file"),
    ],
)
def test_forbidden_characters_of_a_link_are_percent_encoded(written: str, link: str) -> None:
    (item,) = rss(f"<link>{written}</link>")
    assert item.link == link


@pytest.mark.parametrize("written", ["https://a example/", "https://a.example|b/", "mailto:a@b.example"])
def test_an_unusable_link_becomes_that_of_the_feed(written: str) -> None:
    (item,) = rss(f"<link>{written}</link>")
    assert item.link == HOME


@pytest.mark.parametrize(
    "inner",
    [
        "<enclosure url='https://a.example/1 2.mp3' type='audio/mpeg'/>",
        "<guid>1234</guid><enclosure url='https://a.example/1 2.mp3'/>",
        "<guid isPermaLink='false'>https://b.example/</guid><enclosure url='https://a.example/1 2.mp3'/>",
        "<link/><enclosure url='https://a.example/1 2.mp3'/>",
        "<link>javascript:alert(1)</link><enclosure url='https://a.example/1 2.mp3'/>",
    ],
)
def test_an_item_without_a_link_has_that_of_its_enclosure(inner: str) -> None:
    (item,) = rss(inner)
    assert item.link == "https://a.example/1%202.mp3"


def test_an_atom_entry_without_a_page_has_the_link_of_its_enclosure() -> None:
    (paper,) = atom('<id>urn:1</id><link rel="alternate" type="application/pdf" href="/a.pdf"/>')
    assert paper.link == "https://feeds.example/a.pdf"
    (sound,) = atom('<id>urn:1</id><link rel="enclosure" href="/a.mp3"/><link rel="self" href="/a.xml"/>')
    assert sound.link == "https://feeds.example/a.mp3"


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("https://a.example/1", "https://a.example/1"),
        ("/news/1", "https://feeds.example/news/1"),
        ("1234", HOME),
        ("urn:uuid:1", HOME),
    ],
)
def test_a_guid_is_a_link_if_it_is_a_url(guid: str, link: str) -> None:
    (item,) = rss(f"<guid>{guid}</guid>")
    assert item.link == link


ALL_ALIKE = [
    "<guid>https://a.example/</guid><link>https://a.example/1</link><title>A</title>",
    "<guid>https://a.example/</guid><link>https://a.example/2</link><title>A</title>",
    "<guid>https://a.example/</guid><link>https://a.example/1</link><title>B</title>",
]


def test_a_shared_guid_identifies_no_item() -> None:
    """They are recognized by guid, link and title, in any position."""
    keys = [item.key for item in rss(*ALL_ALIKE)]
    assert len(set(keys)) == len(ALL_ALIKE)
    assert [item.key for item in rss("<guid>1</guid>", *reversed(ALL_ALIKE))][1:] == keys[::-1]


def test_a_link_shared_by_items_without_a_guid_identifies_none() -> None:
    items = rss(*(f"<link>https://a.example/</link><title>{title}</title>" for title in "ABC"))
    assert [item.title for item in items] == ["A", "B", "C"]


def test_items_with_a_shared_guid_do_not_change_the_keys_of_others() -> None:
    other = "<guid>1</guid><title>Other</title>"
    assert rss(*ALL_ALIKE, other)[-1] == rss(other)[0]


def test_an_item_stays_known_when_its_guid_is_no_longer_shared() -> None:
    """Otherwise it would be new when the others have gone."""
    shared = rss(*ALL_ALIKE)[1]
    (alone,) = rss(ALL_ALIKE[1])
    assert shared.key != alone.key
    assert shared.key in alone.aliases


def test_a_repeated_item_does_not_share_its_guid() -> None:
    one = "<guid>1</guid><link>https://a.example/</link><title>A</title>"
    (item,) = rss(one, one + "<description>again</description>")
    assert item.key == rss(one)[0].key
