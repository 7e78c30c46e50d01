"""Splitting a document, malformed or not, into tags and the text between them, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

NAME = r"[A-Za-z_][A-Za-z0-9_.\-]*+(?::[A-Za-z_][A-Za-z0-9_.\-]*+)?"
#: A tag with its attributes; else one whose quotes do not match. Neither contains another `<`, so that no search
#: goes beyond the next one.
_TAG = re.compile(
    rf"<(/?)((?!xmlns:){NAME})((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>|<(/?)((?!xmlns:){NAME})([^<>]*+)>"
)
#: Pieces that begin like a tag and are none, with their endings.
_ASIDES = (("<!--", "-->"), ("<?", ">"), ("<!", ">"))
_CDATA, _END_OF_CDATA = "<![CDATA[", "]]>"


class Kind(Enum):
    """The kind of a token."""

    START = auto()
    END = auto()
    TEXT = auto()
    #: Text in which `&` and `<` stand for themselves.
    LITERAL = auto()


class Token(NamedTuple):
    """A piece of a document.

    Attributes:
        name: the element's name, if it is a tag.
        text: its text; for a start tag, the attributes.
        is_empty: whether it is an empty-element tag.
    """

    kind: Kind
    name: str
    text: str
    is_empty: bool = False


def tokens_of(document: str) -> Iterator[Token]:
    """Yield the tags and texts of a document, without comments, declarations and processing instructions."""
    at = 0
    while (start := document.find("<", at)) >= 0:
        if start > at:
            yield _text(document[at:start])
        if document.startswith(_CDATA, start):
            end = _end_of(document, _END_OF_CDATA, start)
            yield Token(Kind.LITERAL, "", document[start + len(_CDATA) : end].removesuffix(_END_OF_CDATA))
            at = end
        elif tag := _TAG.match(document, start):
            yield _tag(*(tag.group(1, 2, 3) if tag[2] else tag.group(4, 5, 6)))
            at = tag.end()
        else:
            at = next(
                (_end_of(document, end, start) for begin, end in _ASIDES if document.startswith(begin, start)),
                start + 1,
            )
            if at == start + 1:
                yield _text("<")
    yield _text(document[at:])


def _end_of(document: str, end: str, start: int) -> int:
    """Return where the piece ends that begins here: at the end of the document if it is not closed."""
    found = document.find(end, start)
    return len(document) if found < 0 else found + len(end)


def _tag(slash: str, name: str, attributes: str) -> Token:
    if slash:
        return Token(Kind.END, name, "")
    bare = attributes.rstrip().removesuffix("/")
    return Token(Kind.START, name, bare, is_empty=bare != attributes.rstrip())


def _text(text: str) -> Token:
    return Token(Kind.TEXT, "", text)
