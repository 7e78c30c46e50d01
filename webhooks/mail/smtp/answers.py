"""Answers of an SMTP server: which are final, and which parts of them may be logged.

A permanent refusal of a recipient or of the message is final. A refusal of the sender or the client is not: the
operator can repair the configuration, and until then the e-mail is owed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Codes for a login that is wrong, missing or not safe enough.
_OF_THE_LOGIN = (530, 534, 535, 538)
#: RFC 3463's codes for errors that are not the recipient's: a bad sender (5.1.7, 5.1.8; Microsoft's 5.2.252), a
#: bad client name (5.5.2), and a missing permission (5.7), for example to relay. Many servers accept a sender at
#: first, and return these codes for each recipient.
_OF_US = re.compile(r"5\.(?:1\.[78]|2\.252|5\.2|7\.\d+)")
#: Codes for a message that looks like spam.
_OF_SPAM = ("5.7.0", "5.7.1")
#: The code is at the beginning, or where qmail writes it: `sorry, no mailbox here by that name (#5.1.1)`.
_ENHANCED_CODE = re.compile(rb"(?:^|\(#)([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Answer:
    """A server's answer to a recipient or to a message."""

    code: int
    text: bytes

    def refuses_a_recipient(self) -> bool:
        """Report whether it refuses a recipient for good."""
        return self._is_final() and not _OF_US.fullmatch(self._enhanced())

    def refuses_a_message(self) -> bool:
        """Report whether it refuses a message for good, or as spam, which another try would not change."""
        return self._is_final() and (self._enhanced() in _OF_SPAM or not _OF_US.fullmatch(self._enhanced()))

    def __str__(self) -> str:
        """Return its codes for the log. Its text may contain addresses."""
        return f"{self.code} {self._enhanced()}".rstrip()

    def _is_final(self) -> bool:
        return 500 <= self.code <= 599 and self.code not in _OF_THE_LOGIN

    def _enhanced(self) -> str:
        found = _ENHANCED_CODE.search(self.text)
        return found[1].decode() if found else ""
