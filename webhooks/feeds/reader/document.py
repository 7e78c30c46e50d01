"""Reading a feed's document: the only module that uses feedparser."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import name2codepoint
from io import BytesIO
from typing import Any
from xml.sax import SAXException
from xml.sax.saxutils import escape

import feedparser

from webhooks.feeds.feed import FeedDocument, FeedError, Item
from webhooks.feeds.reader.dates import moment_of
from webhooks.feeds.reader.decoding import decoded
from webhooks.feeds.reader.repair import PREDEFINED, repaired
from webhooks.feeds.reader.texts import MAX_URL, Entry, description_of, line, plain, text_of, title_of, url_of

#: The maximum number of items of a feed. With more, it would be uncertain which are known.
MAX_ITEMS = 2_000
#: How many characters of a description become the title of an item without one, as in feeds of short messages.
MAX_MADE_TITLE = 100

_PATH_OR_URL = re.compile(r"(?:https?:/)?/", re.IGNORECASE)
_BARE = re.compile(r"&([A-Za-z][A-Za-z0-9.-]*+)(?!;)")


@dataclass(frozen=True)
class _Source:
    """The source of items.

    Attributes:
        url: where their feed was found.
        home: the address of its website.
    """

    url: str
    home: str
    is_atom: bool


def document_of(body: bytes, content_type: str, url: str) -> FeedDocument:
    """Return the contents of a feed of any kind: RSS, Atom, or nearly so.

    Args:
        content_type: the header that came with it; it may state the encoding.
        url: where it was found; links of its items are resolved against it.

    Raises:
        FeedError: it is not a feed, or has too many items.
    """
    document = repaired(decoded(body, content_type))
    parsed = _parsed(document.xml)
    if not parsed.get("version"):
        raise FeedError("not_a_feed")
    if len(parsed.entries) > MAX_ITEMS:
        raise FeedError("too_many_items")
    link = url_of(url, parsed.feed.get("link"))
    source = _Source(url, link or url, is_atom=parsed.version.startswith("atom"))
    title = title_of(parsed.feed, is_atom=source.is_atom)
    return FeedDocument(title, tuple(_items(parsed.entries, source)), document.is_whole, link)


def _parsed(xml: str) -> Any:
    """Return the result of feedparser's strict parser.

    Raises:
        FeedError: the document is not well-formed after all, so feedparser has used its loose parser.
    """
    # A file of bytes: feedparser would fetch a text that looks like a URL. And without the feed's URL: feedparser
    # would resolve guids against it too, so all items would be new after the feed has moved.
    headers = {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(BytesIO(xml.encode()), response_headers=headers)
    if isinstance(parsed.get("bozo_exception"), SAXException):
        raise FeedError("not_a_feed")
    return parsed


def _items(entries: Sequence[Entry], source: _Source) -> Iterator[Item]:
    """Yield the items of a feed; of two with the same key only the first, as feeds begin with the newest."""
    sharing: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        sharing[_identity(entry)].add(_full_key(entry))
    seen = set()
    for entry in entries:
        key, aliases = _keys(entry, shared=len(sharing[_identity(entry)]) > 1)
        if key not in seen:
            seen.add(key)
            yield _item(entry, key, aliases, source)


def _item(entry: Entry, key: str, aliases: tuple[str, ...], source: _Source) -> Item:
    link = _first_url(source.url, _links(entry)) or source.home
    title, description = title_of(entry, is_atom=source.is_atom), description_of(entry)
    return Item(
        key=key,
        title=title or line(plain(description))[:MAX_MADE_TITLE] or link,
        link=link,
        description=description,
        image=_first_url(source.url, _images(entry)),
        published=moment_of(entry),
        guid=text_of(entry.get("id"), MAX_URL),
        aliases=aliases,
    )


def _keys(entry: Entry, *, shared: bool) -> tuple[str, tuple[str, ...]]:
    """Return the key of an item, and its aliases.

    Args:
        shared: whether other items of the document have the same guid, or the same link if they have no guid. Then
            it identifies none of them.
    """
    identity = _identity(entry)
    if not identity:
        said = [entry.get(name) for name in ("title", "summary", "published")]
        return _hash(repr(said)), ()
    if shared:
        return _full_key(entry), ()
    # Its full key, in case its guid was shared before, and its key from before malformed documents were repaired.
    loose = {escape(identity), _BARE.sub(_loosely_read, identity)} - {identity}
    return _hash(identity), (_full_key(entry), *map(_hash, sorted(loose)))


def _loosely_read(found: re.Match[str]) -> str:
    """Return a text as feedparser's loose parser reads a bare `&` before letters, as in `?a=1&b=2`."""
    name = found[1]
    return chr(name2codepoint[name]) if name in name2codepoint.keys() - PREDEFINED else f"&{name};"


def _identity(entry: Entry) -> str:
    return str(entry.get("id") or entry.get("link") or "")


def _full_key(entry: Entry) -> str:
    return _hash(repr([entry.get(name) or "" for name in ("id", "link", "title")]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]


def _links(entry: Entry) -> Iterator[Any]:
    """Yield the candidates for an item's link, the best first."""
    link = str(entry.get("link") or "")
    # feedparser uses the guid of an item without a link as its link, even if it is not a URL.
    if link != entry.get("id") or _PATH_OR_URL.match(link):
        yield link
    links = entry.get("links") or ()
    for rel in ("alternate", "enclosure"):
        yield from (one.get("href") for one in links if one.get("rel") == rel)


def _images(entry: Entry) -> Iterator[Any]:
    """Yield the candidates for an item's picture, in the places of all kinds of feeds."""
    yield from (one.get("url") for one in (entry.get("media_thumbnail") or ())[:1])
    yield from (one.get("url") for one in entry.get("media_content") or () if _is_image(one))
    yield from (
        one.get("href") for one in entry.get("links") or () if one.get("rel") == "enclosure" and _is_image(one)
    )
    image = entry.get("image")
    yield image.get("href") if isinstance(image, dict) else None


def _is_image(medium: Entry) -> bool:
    return medium.get("medium") == "image" or str(medium.get("type")).startswith("image/")


def _first_url(base: str, candidates: Iterable[Any]) -> str:
    return next((url for one in candidates if (url := url_of(base, one))), "")
