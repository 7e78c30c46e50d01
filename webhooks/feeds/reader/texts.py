"""Texts of a feed as receivers get them: titles as plain text, descriptions as HTML, URLs that can be opened."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

#: The maximum number of characters of a text, as the bytes of an event are limited.
MAX_LINE = 1_000
MAX_URL = 2_048
MAX_DESCRIPTION = 20_000

Entry = Mapping[str, Any]

_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
#: Tags that separate words; others, such as `<em>`, also appear within a word.
_BREAK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|caption|dd|div|dl|dt|fig\w+|footer|form|h[1-6r]|header|li|main|nav"
    r"|ol|p|pre|section|table|td|th|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][^<>]*>|<!--[^<>]*-->", re.IGNORECASE)
_REFERENCE = re.compile(r"&#?\w+;")
#: Characters that a URL may not contain, except letters of other alphabets, which stay readable.
_ENCODED = re.compile(r"[\s\x00-\x20\x7f\"<>\\^`{|}]")


def title_of(entry: Entry, *, is_atom: bool) -> str:
    """Return the title of a feed or an item as one line of plain text.

    Args:
        is_atom: whether its feed is an Atom feed, which states whether a title is markup. For others feedparser
            guesses, and a reference that is left in plain text was escaped twice.
    """
    text = text_of(entry.get("title"), MAX_DESCRIPTION)
    if _kind(entry, "title") in _MARKUP:
        return line(plain(text))
    return line(text if is_atom else _REFERENCE.sub(lambda found: html.unescape(found.group()), text))


def description_of(entry: Entry) -> str:
    """Return the description of an item as HTML; plain text becomes the HTML that shows it."""
    text = text_of(entry.get("summary"), MAX_DESCRIPTION)
    if _kind(entry, "summary") in _MARKUP:
        return text
    return text_of(html.escape(text, quote=False), MAX_DESCRIPTION)


def plain(markup: str) -> str:
    """Return the plain text of HTML."""
    return html.unescape(_TAG.sub("", _BREAK.sub(" ", markup)))


def line(text: str) -> str:
    """Return a text as one line, shortened if it is too long."""
    return " ".join(text_of(text, MAX_LINE).split())


def url_of(base: str, value: Any) -> str:
    """Return a URL that a browser can open; nothing for another scheme, such as `javascript:`.

    Characters that are not allowed, such as blanks, are percent-encoded.
    """
    try:
        parts = urlsplit(urljoin(base, text_of(value, MAX_URL + 1)) if value else "")
    except ValueError:  # not a URL
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc or _ENCODED.search(parts.netloc):
        return ""
    url = _ENCODED.sub(lambda found: quote(found.group()), parts.geturl())
    return url if len(url) <= MAX_URL else ""


def text_of(value: Any, longest: int) -> str:
    """Return a text that can be written as UTF-8, shortened if it is too long."""
    text = value[:longest] if isinstance(value, str) else ""
    return text.encode(errors="replace").decode().strip()


def _kind(entry: Entry, name: str) -> str:
    """Return feedparser's details of a text: whether it is plain text or markup."""
    details = [entry.get(f"{name}_detail")]
    details += (
        entry.get("content") or () if name == "summary" else ()
    )  # without a summary, the content serves as one
    return next((str(detail.get("type")) for detail in details if detail), "")
