"""What is in a feed's document: the only module that uses feedparser."""

from __future__ import annotations

import hashlib
import html
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from webhooks.feeds import Edition, FeedTrouble, Item

#: Items of a feed at most. With more, it could not be told for certain which have been seen.
MOST_ITEMS = 2_000
#: Letters of a text that are passed on: an event may have so many bytes and no more.
LONGEST_LINE = 1_000
LONGEST_URL = 2_048
LONGEST_DESCRIPTION = 20_000
#: Letters of a description that stand for a title where there is none, as in feeds of short messages.
LONGEST_MADE_TITLE = 100

_TAG = re.compile(r"<[^<>]*>")
_WEB_URL = re.compile(r"https?://\S+", re.IGNORECASE)

Entry = Mapping[str, Any]


def edition_of(body: bytes, content_type: str, url: str) -> Edition:
    """Return what is in a feed of whatever kind: RSS, Atom, or one that is nearly so.

    Args:
        content_type: the header that came with it; it may tell the encoding.
        url: where it was found; the links to its items are resolved by it.

    Raises:
        FeedTrouble: it is no feed, or has too many items.
    """
    # From bytes in a file: a text could be taken for a URL, and be fetched. And without the feed's URL: by that,
    # feedparser would resolve guids too, and all items would be new when the feed has moved.
    document = feedparser.parse(BytesIO(body), response_headers={"content-type": content_type})
    if not document.get("version"):
        raise FeedTrouble("not_a_feed")
    if len(document.entries) > MOST_ITEMS:
        raise FeedTrouble("too_many_items")
    home = _url(url, document.feed.get("link")) or url
    items: dict[str, Item] = {}
    for item in (_item(url, home, entry) for entry in document.entries):
        items.setdefault(item.key, item)  # of two with one key the first: a feed begins with the newest
    return Edition(_line(document.feed.get("title")), tuple(items.values()))


def _item(url: str, home: str, entry: Entry) -> Item:
    link, description = _url(url, entry.get("link")), _text(entry.get("summary"), LONGEST_DESCRIPTION)
    return Item(
        key=_key(entry),
        title=_line(entry.get("title")) or _line(_words(description))[:LONGEST_MADE_TITLE] or link or home,
        link=link or home,
        description=description,
        image=_image(url, entry),
        published=_moment(entry.get("published_parsed") or entry.get("updated_parsed")),
        guid=_text(entry.get("id"), LONGEST_URL),
    )


def _key(entry: Entry) -> str:
    """Return what tells an item from others: its guid, else its link, else all that it says."""
    said = [entry.get(name) for name in ("title", "summary", "published")]
    identity = entry.get("id") or entry.get("link") or repr(said)
    return hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:24]


def _image(base: str, entry: Entry) -> str:
    """Return the URL of an item's picture, wherever its kind of feed has it."""
    pictures: list[Callable[[], Any]] = [
        lambda: entry["media_thumbnail"][0]["url"],
        lambda: next(one["url"] for one in entry["media_content"] if _is_image(one)),
        lambda: next(one["href"] for one in entry["enclosures"] if _is_image(one)),
        lambda: entry["image"]["href"],
    ]
    for picture in pictures:
        try:
            if url := _url(base, picture()):
                return url
        except (KeyError, IndexError, StopIteration, TypeError):
            continue
    return ""


def _is_image(medium: Entry) -> bool:
    return medium.get("medium") == "image" or str(medium.get("type")).startswith("image/")


def _moment(parsed: time.struct_time | None) -> str:
    try:
        return "" if parsed is None else f"{datetime(*parsed[:6]).isoformat()}Z"  # noqa: DTZ001  feedparser's are UTC
    except ValueError:  # no date that there is
        return ""


def _url(base: str, value: Any) -> str:
    """Return a URL that somebody can open; nothing for one of another kind, such as `javascript:`."""
    try:
        text = urljoin(base, _text(value, LONGEST_URL + 1)) if value else ""
    except ValueError:  # no URL at all
        return ""
    return text if _WEB_URL.fullmatch(text) and len(text) <= LONGEST_URL else ""


def _line(value: Any) -> str:
    return " ".join(_text(value, LONGEST_LINE).split())


def _words(markup: str) -> str:
    return html.unescape(_TAG.sub(" ", markup))


def _text(value: Any, longest: int) -> str:
    """Return a text that can be written as UTF-8, or the beginning of it."""
    text = value[:longest] if isinstance(value, str) else ""
    return text.encode(errors="replace").decode().strip()
