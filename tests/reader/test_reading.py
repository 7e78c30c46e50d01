"""Reading feeds: the contents of documents of all kinds, and the cost of hostile ones."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from webhooks.actions import CATALOGUE
from webhooks.errors import OutOfResources
from webhooks.feeds import reader
from webhooks.feeds.feed import FeedDocument, FeedError, Item
from webhooks.feeds.reader import read_feed
from webhooks.feeds.reader.document import MAX_ITEMS
from webhooks.feeds.reader.texts import MAX_DESCRIPTION
from webhooks_local.fleet import wait_until

URL = "https://feeds.example/blog/feed.xml"

RSS = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title> The
News </title><link>https://blog.example/</link>
<item><title>Two &amp; more</title><link>/2</link><guid isPermaLink="false">two</guid>
  <description>&lt;p&gt;Words&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description>
  <pubDate>Mon, 05 Jan 2026 11:00:00 +0100</pubDate>
  <enclosure url="https://blog.example/2.png" type="image/png"/></item>
<item><title>One</title><link>https://blog.example/1</link></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><title>Zoë's channel</title>
<entry><id>yt:video:abc</id><title>A video</title><link rel="alternate" href="https://video.example/abc"/>
 <published>2026-01-05T10:00:00+00:00</published><updated>2026-02-05T10:00:00+00:00</updated>
 <media:group><media:thumbnail url="https://video.example/abc.jpg"/>
 <media:description>Words</media:description></media:group></entry>
</feed>"""

#: An element with so many attributes that feedparser would take minutes.
ENDLESS = RSS.replace(b"<item>", b"<item><x " + b" ".join(b'a%d="1"' % n for n in range(150_000)) + b"/>", 1)
#: A style with so many declarations that it would take hundreds of megabytes.
HUGE = RSS.replace(b"&lt;p&gt;", b'&lt;p style="' + b"a:b;" * 480_000 + b'"&gt;')


def read(body: bytes | str, content_type: str = "", url: str = URL) -> FeedDocument:
    return read_feed(body if isinstance(body, bytes) else body.encode(), content_type, url)


def item(inner: str) -> Item:
    """Return the item of an RSS feed with only this item."""
    (found,) = read(f'<rss version="2.0"><channel><item>{inner}</item></channel></rss>').items
    return found


def error(body: bytes | str) -> str:
    with pytest.raises(FeedError) as refused:
        read(body)
    return refused.value.word


def test_rss_is_read() -> None:
    """Links are resolved with the URL of the feed, descriptions lose their scripts, and dates are in UTC."""
    document = read(RSS)
    two, one = document.items
    assert (document.title, document.link) == ("The News", "https://blog.example/")
    assert asdict(two) == {
        "key": two.key,
        "title": "Two & more",
        "link": "https://feeds.example/2",
        "description": "<p>Words</p>",
        "image": "https://blog.example/2.png",
        "published": "2026-01-05T10:00:00Z",
        "guid": "two",
        "aliases": two.aliases,
    }
    assert (one.title, one.link, one.guid, one.published) == ("One", "https://blog.example/1", "", "")


def test_atom_is_read() -> None:
    document = read(ATOM)
    (video,) = document.items
    assert (document.title, document.link) == ("Zoë's channel", "")
    assert asdict(video) == {
        "key": video.key,
        "title": "A video",
        "link": "https://video.example/abc",
        "description": "Words",
        "image": "https://video.example/abc.jpg",
        "published": "2026-01-05T10:00:00Z",
        "guid": "yt:video:abc",
        "aliases": video.aliases,
    }


def test_the_encoding_is_that_of_the_header_or_of_the_document() -> None:
    declared = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>Zoë</title></channel></rss>'
    latin = declared.format("iso-8859-1").encode("latin-1")
    assert read(latin).title == "Zoë"
    assert read(declared.format("utf-8"), "application/rss+xml; charset=utf-8").title == "Zoë"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<guid>1</guid><title>A</title><link>https://a.example</link>", "<guid>1</guid><title>B</title>"),
        ("<link>https://a.example</link><title>A</title>", "<link>https://a.example</link><title>B</title>"),
        ("<title>A</title><description>x</description>", "<title>A</title><description>x</description>"),
    ],
    ids=["by its guid", "else by its link", "else by what it says"],
)
def test_an_item_is_recognized_in_a_later_document(one: str, other: str) -> None:
    assert item(one).key == item(other).key


def test_different_items_have_different_keys() -> None:
    inners = ["<guid>1</guid>", "<guid>2</guid>", "<link>https://a.example</link>", "<title>A</title>", ""]
    assert len({item(inner).key for inner in inners}) == len(inners)


@pytest.mark.parametrize("inner", ["<guid isPermaLink='false'>1</guid>", "<guid>/1</guid>", "<link>/1</link>"])
def test_an_item_is_recognized_when_its_feed_has_moved(inner: str) -> None:
    body = f"<rss version='2.0'><channel><item>{inner}</item></channel></rss>"
    moved = body.replace("<item>", "<link>https://moved.example/</link><item>")
    documents = (read(body), read(moved, url="https://moved.example/a/b/c"))
    assert len({one.items[0].key for one in documents}) == 1


@pytest.mark.parametrize("link", ["https://[::1", "http://", "//", "https:///nowhere"])
def test_a_malformed_link_does_not_affect_other_items(link: str) -> None:
    body = (
        f"<rss version='2.0'><channel><link>{link}</link><item><link>{link}</link></item><item/></channel></rss>"
    )
    assert len(read(body).items) == 2


def test_the_first_of_two_equal_items_counts() -> None:
    """A feed begins with the newest."""
    twice = "".join(
        f"<item><guid>1</guid><description>{said}</description></item>" for said in ("Edited", "As it was")
    )
    (one,) = read(f'<rss version="2.0"><channel>{twice}</channel></rss>').items
    assert one.description == "Edited"


def test_a_missing_title_or_link_is_replaced() -> None:
    """An event needs both."""
    message = item("<description>&lt;p&gt;A short\nmessage &amp;amp; more&lt;/p&gt;</description>")
    assert (message.title, message.link) == ("A short message & more", URL)
    assert item("<link>https://a.example/</link>").title == "https://a.example/"
    assert item("").title == URL


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "https://a.example/" + "x" * 3_000])
def test_an_unsafe_link_becomes_that_of_the_feed(link: str) -> None:
    assert item(f"<guid>1</guid><title>A</title><link>{link}</link>").link == URL


@pytest.mark.parametrize(
    "inner",
    [
        "<title>{0}</title><guid>{0}</guid><description>{0}</description>",
        "<title>\U0001f956</title><description>{1}</description>",
        "<pubDate>Mon, 99 Jan 99999 99:99:99 GMT</pubDate>",
        "<enclosure/><image/>",
    ],
)
def test_every_item_becomes_a_valid_event(inner: str) -> None:
    """A text that is too long is cut."""
    found = item(inner.format("x" * 100_000, "\u00e9" * 100_000))
    assert len(found.description) <= MAX_DESCRIPTION
    event = {"action": "feed", "refId": "a" * 40, "feedId": "1", "item": {**asdict(found)}}
    assert CATALOGUE["feed"].check(event)


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Mon, 05 Jan 2026 10:00:00 GMT", "2026-01-05T10:00:00Z"),
        ("Mon, 05 Jan 0026 10:00:00 GMT", ""),
        ("9999-12-31T23:59:59-12:00", ""),
        ("0001-01-01T00:00:00+12:00", ""),
        ("Mon, 31 Feb 2026 10:00:00 GMT", ""),
        ("soon", ""),
    ],
)
def test_a_date_is_converted_to_iso_8601_or_left_out(date: str, published: str) -> None:
    """Dates are compared as texts."""
    assert item(f"<pubDate>{date}</pubDate>").published == published


@pytest.mark.parametrize(
    "body",
    ["", " ", "hello", "<!doctype html><html><body><p>Hello</p></body></html>", '{"items": []}', "\0\1\2", "<a>"],
)
def test_a_document_that_is_not_a_feed_is_reported(body: str) -> None:
    assert error(body) == "not_a_feed"


def test_a_feed_with_too_many_items_is_refused() -> None:
    """It would not be certain which of them are new."""
    items = "".join(f"<item><guid>{number}</guid></item>" for number in range(MAX_ITEMS))
    assert len(read(f'<rss version="2.0"><channel>{items}</channel></rss>').items) == MAX_ITEMS
    assert error(f'<rss version="2.0"><channel>{items}<item/></channel></rss>') == "too_many_items"


def test_entities_are_neither_fetched_nor_expanded() -> None:
    laughs = "".join(f'<!ENTITY {name} "{"&a;" * 10}">' for name in "bcdefgh")
    entities = f'<!ENTITY a SYSTEM "file:///etc/passwd">{laughs}'
    body = f'<!DOCTYPE rss [{entities}]><rss version="2.0"><channel><title>&h;&a;</title></channel></rss>'
    assert len(read(body).title) < 10


@pytest.mark.parametrize("feed", [ENDLESS, HUGE], ids=["much computing", "much memory"])
def test_a_hostile_feed_stops_only_its_own_process(feed: bytes) -> None:
    assert error(feed) == "unreadable"


def test_the_reading_process_has_no_settings_and_its_own_session() -> None:
    """Its environment contains no key, and a signal to the worker's process group does not end it."""
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(error, ENDLESS)
        wait_until(lambda: bool(children()), 5, "a process that reads")
        (child,) = children()
        assert Path(f"/proc/{child}/environ").read_bytes() == b""
        assert os.getsid(child) == child
        assert reading.result() == "unreadable"


def children() -> list[int]:
    """Return the child processes of this one that still run."""
    tasks = Path("/proc/self/task").glob("*/children")
    ids = [int(one) for task in tasks for one in task.read_text().split()]
    return [one for one in ids if b"webhooks.feeds.reader.child" in Path(f"/proc/{one}/cmdline").read_bytes()]


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"])
def test_a_process_that_cannot_start_is_not_a_fault_of_the_feed(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The system has no pipes, no memory or no processes left."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(getattr(errno, name), "")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    reported: list[str] = []
    with pytest.raises(OutOfResources):
        read_feed(RSS, "", URL, reported.append)
    assert reported == [name]


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_a_process_that_ends_before_reading_is_not_a_fault_of_the_feed(program: str) -> None:
    with pytest.raises(OutOfResources):
        read_feed(RSS, "", URL, command=[sys.executable, "-I", "-c", program], deadline=1.0)


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_a_process_that_ends_while_reading_is_a_fault_of_the_feed(program: str) -> None:
    program = f"print('reading', flush=True); {program}"
    with pytest.raises(FeedError, match=f"^{reader.UNREADABLE}$"):
        read_feed(RSS, "", URL, command=[sys.executable, "-I", "-c", program], deadline=3.0)
