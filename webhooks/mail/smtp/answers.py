"""Answers of an SMTP server: which are final, and what of them may be logged.

What a server says of a recipient or of the message is final if it says so. What it says of us is not: an operator
who set it up can put that right, and until then the e-mail is owed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Of a login that is wrong, missing or not safe enough.
_OF_THE_LOGIN = (530, 534, 535, 538)
#: RFC 3463's codes of what is no recipient's fault: a bad sender (5.1.7, 5.1.8; Microsoft's 5.2.252), a bad name
#: for ourselves (5.5.2), and all that we may not do (5.7), such as having mail passed on. Many servers take a
#: sender at first, and say so of each recipient.
_OF_US = re.compile(r"5\.(?:1\.[78]|2\.252|5\.2|7\.\d+)")
#: Of a message, these say that it looks like spam.
_OF_SPAM = ("5.7.0", "5.7.1")
#: At the beginning, or where qmail has it: `sorry, no mailbox here by that name (#5.1.1)`.
_ENHANCED_CODE = re.compile(rb"(?:^|\(#)([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Answer:
    """What a server has answered to the name of a recipient, or to a message."""

    code: int
    text: bytes

    def refuses_a_recipient(self) -> bool:
        """Report whether it refuses a recipient for good."""
        return self._is_final() and not _OF_US.fullmatch(self._enhanced())

    def refuses_a_message(self) -> bool:
        """Report whether it refuses a message for good; a spam filter would not change its mind."""
        return self._is_final() and (self._enhanced() in _OF_SPAM or not _OF_US.fullmatch(self._enhanced()))

    def __str__(self) -> str:
        """Return its codes. Its text may hold addresses."""
        return f"{self.code} {self._enhanced()}".rstrip()

    def _is_final(self) -> bool:
        return 500 <= self.code <= 599 and self.code not in _OF_THE_LOGIN

    def _enhanced(self) -> str:
        found = _ENHANCED_CODE.search(self.text)
        return found[1].decode() if found else ""
