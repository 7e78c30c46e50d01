"""Folding headers so that unfolding restores the exact text (RFC 5322 and RFC 2047).

Non-ASCII text is written as encoded words, and readers drop blanks between two of them. `email.policy` leaves some
blanks there, so that words of a title are joined, and it loses the quotes of a long name. `email.header` puts each
blank inside an encoded word.
"""

from __future__ import annotations

from email.header import Header
from email.headerregistry import Address, AddressHeader, UnstructuredHeader
from email.policy import EmailPolicy

#: The maximum number of characters of a line with an encoded word.
_MAX_LINE = 76


class Folding(EmailPolicy):
    """A policy of `email` that folds texts, and addresses with names, without loss."""

    def fold(self, name: str, value: str) -> str:
        """Return a header as its lines, each with an end."""
        if isinstance(value, UnstructuredHeader):
            return f"{name}: {self._text(name, str(value))}{self.linesep}"
        if isinstance(value, AddressHeader):
            mailboxes = [self._mailbox(name, address) for address in value.addresses]
            return f"{name}: {f',{self.linesep} '.join(mailboxes)}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as its lines, each with an end."""
        return self.fold(name, value).encode("ascii")

    def _text(self, name: str, text: str) -> str:
        if all(_fits(name, word) for word in text.split()):
            return Header(text, "us-ascii", _MAX_LINE, name).encode(linesep=self.linesep)
        return self._in_words(name, text)

    def _mailbox(self, name: str, address: Address) -> str:
        if not address.display_name or _fits(name, str(address)):
            return str(address)
        return f"{self._in_words(name, address.display_name)}{self.linesep} <{address.addr_spec}>"

    def _in_words(self, name: str, text: str) -> str:
        """Return a text in encoded words."""
        return Header(text, "utf-8", _MAX_LINE, name).encode(linesep=self.linesep)


def _fits(name: str, text: str) -> bool:
    """Report whether a text fits unchanged into a line after the header's name."""
    return text.isascii() and len(f"{name}: {text}") <= _MAX_LINE
