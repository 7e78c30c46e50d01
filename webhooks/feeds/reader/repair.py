"""Repairing malformed documents before they are read, so that the same parser reads all.

feedparser has a strict parser, and a loose one for malformed documents, which reads some texts differently. So an
item's guid would depend on a fault anywhere else in its document. A well-formed document passes through unchanged;
a malformed one becomes what it would be without its faults.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from xml.parsers import expat
from xml.sax.saxutils import escape

from webhooks.feeds.reader.tokens import NAME, Kind, Token, tokens_of

#: The root elements of feeds; anything before and after the root is ignored.
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ITEMS = frozenset({"item", "entry"})
#: The namespaces of prefixes that feeds use and do not always declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "http://purl.org/rss/1.0/",
}
_RESERVED = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")
#: The maximum number of characters of a value of the document's own entities: a long one could be referenced
#: often.
_MAX_ENTITY = 200

#: Characters that XML forbids.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PROLOG = re.compile(
    r"(?:[^<]++|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->|<!DOCTYPE[^\[>]*+(?:\[(?:[^\]]|\](?!\s*>))*+\]\s*)?>)*+",
    re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_ENTITY = re.compile(rf"<!ENTITY\s+([\w.-]+)\s+[\"']([^\"'&%<]{{0,{_MAX_ENTITY}}}|&#\w+;)[\"']\s*>")
_REFERENCE = re.compile(r"&(?:#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?|([a-z_][\w.-]*);)?", re.IGNORECASE | re.ASCII)
_ATTRIBUTE = re.compile(rf"(?<![\w.:-])({NAME})\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'<>]++)")
_LAST_CHARACTER = 0x10FFFF
PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})


@dataclass(frozen=True)
class Repaired:
    """A document that is well-formed.

    Attributes:
        xml: the document; empty if it has no feed.
        is_whole: whether it was read to the end. If not, the item in which it ends is left out.
    """

    xml: str
    is_whole: bool


def repaired(text: str) -> Repaired:
    """Return a document, well-formed."""
    text = _FORBIDDEN.sub("", text)
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if _is_well_formed(text[start:]):
        return Repaired(text[start:], is_whole=True)
    root = _ROOT.search(text)
    if root is None:
        return Repaired("", is_whole=True)
    entities = {name: unescape(meaning) for name, meaning in _ENTITY.findall(text[: root.start()])}
    return _Repairer(entities).repair(text)


def _is_well_formed(text: str) -> bool:
    """Report whether this is a well-formed element; entities that a prolog declares count as undeclared."""
    try:
        expat.ParserCreate("utf-8", " ").Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


class _Repairer:
    """Rewrites a document: every element has an end, every reference and prefix has a meaning.

    Args:
        entities: the values of the document's own entities.
    """

    def __init__(self, entities: dict[str, str]) -> None:
        self._entities = entities
        #: The output. The first piece is the root's start tag, without the closing bracket.
        self._pieces: list[str] = []
        #: The names of the open elements as written, and how many there are of each name in lower case.
        self._open: list[str] = []
        self._count: Counter[str] = Counter()
        #: The prefixes that are used, and those that the root declares.
        self._used: set[str] = set()
        self._declared: set[str] = set()
        self._item_names: frozenset[str] = frozenset()
        #: Where the open item begins.
        self._item_at = 0
        self._channel_ended = False

    def repair(self, text: str) -> Repaired:
        """Return the repaired document, from the beginning of its feed to the end of it."""
        for token in tokens_of(text):
            if self._pieces:
                self._add(token)
            elif token.kind is Kind.START and _local(token.name) in _ROOTS:
                self._begin(token)
            if self._pieces and not self._open:
                break
        return self._result() if self._pieces else Repaired("", is_whole=True)

    def _begin(self, root: Token) -> None:
        prefixes = {"", "rss", root.name.lower().rpartition(":")[0]}
        self._item_names = frozenset(f"{prefix}:{name}".lstrip(":") for prefix in prefixes for name in _ITEMS)
        attributes = self._attributes(root)
        self._declared = {name.removeprefix("xmlns:") for name in attributes if name.startswith("xmlns:")}
        self._push(root.name, attributes)

    def _add(self, token: Token) -> None:
        match token.kind:
            case Kind.TEXT:
                self._pieces.append(self._repaired(token.text))
            case Kind.LITERAL:
                self._pieces.append(escape(token.text))
            case Kind.END:
                self._end(token.name)
            case Kind.START:
                self._start(token)

    def _start(self, token: Token) -> None:
        name = token.name.lower()
        if name in self._item_names:
            for open_name in self._item_names:  # items do not nest, so the previous one has ended
                self._end(open_name)
            self._item_at = len(self._pieces)
        self._push(token.name, self._attributes(token))
        self._pieces.append(">")
        if token.is_empty:
            self._end(name)

    def _push(self, name: str, attributes: dict[str, str]) -> None:
        self._use(name)
        self._open.append(name)
        self._count[name.lower()] += 1
        self._pieces.append(f"<{name}" + "".join(f' {key}="{value}"' for key, value in attributes.items()))

    def _end(self, name: str) -> None:
        """End the open element with this name, if any, and all elements that are open in it."""
        name = name.lower()
        while self._count[name]:
            last = self._open.pop()
            self._count[last.lower()] -= 1
            self._pieces.append(f"</{last}>")
            self._channel_ended |= _local(last) == "channel"
            if last.lower() == name:
                break

    def _result(self) -> Repaired:
        # After the channel has ended, an RSS feed is whole: only the last tag is missing. In RDF, items follow it.
        is_whole = not self._open or (self._open == ["rss"] and self._channel_ended)
        for name in self._item_names:
            if self._count[name]:
                self._end(name)
                del self._pieces[self._item_at :]
        while self._open:
            self._end(self._open[-1])
        root, *others = self._pieces
        declared = [
            f' xmlns:{prefix}="{_NAMESPACES.get(prefix, f"urn:{prefix}")}"'
            for prefix in sorted(self._used - self._declared - {"xml"})
        ]
        return Repaired("".join([root, *declared, ">", *others]), is_whole)

    def _attributes(self, tag: Token) -> dict[str, str]:
        """Return the attributes of a start tag with their escaped values."""
        found: dict[str, str] = {}
        locals_found: set[str] = set()
        for name, written in _ATTRIBUTE.findall(tag.text):
            value = written[1:-1] if written[0] in "\"'" else written
            prefix, _, local = name.rpartition(":")
            if prefix == "xmlns":
                if not value or value in _RESERVED or local in {"xml", "xmlns"}:
                    continue
            elif name == "xmlns":
                if value in _RESERVED:
                    continue
            elif local in locals_found:  # two prefixes may have the same namespace
                continue
            else:
                locals_found.add(local)
                self._use(name)
            found.setdefault(name, self._repaired(value).replace('"', "&quot;"))
        return found

    def _use(self, name: str) -> None:
        """Note the prefix of a name, which must be declared."""
        if prefix := name.rpartition(":")[0]:
            self._used.add(prefix)

    def _repaired(self, text: str) -> str:
        """Return a text in which each `&` begins a valid reference."""
        return _REFERENCE.sub(self._reference, text).replace("<", "&lt;").replace(">", "&gt;")

    def _reference(self, found: re.Match[str]) -> str:
        hexadecimal, decimal, name = found.groups()
        if hexadecimal or decimal:
            return _character(int(hexadecimal, 16) if hexadecimal else int(decimal))
        if name in PREDEFINED:
            return f"&{name};"
        meaning = self._entities.get(name) or html5.get(f"{name};") if name else None
        return escape(meaning) if meaning else "&amp;" + found.group()[1:]


def _character(number: int) -> str:
    """Return a reference to a character, if XML allows the character."""
    if number > _LAST_CHARACTER or number == 0 or _FORBIDDEN.match(chr(number)):
        return ""
    return f"&#{number};"


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
