"""E-mails that are owed, the values that are stored of them, and the port that the store implements.

An e-mail is stored in the same step as the event that makes it (`webhooks.deliveries.ledger`), and has its id. It
is owed until it has ended. A claim begins a try and moves the due time by a pause that doubles from one to the
next: whether the SMTP server is away or the worker dies, the next try comes by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

#: From the beginning of the first try to the second; each pause after it is twice as long as the one before, up to
#: the longest. No try may last as long as its own pause.
FIRST_PAUSE = timedelta(minutes=2)
MAX_PAUSE = timedelta(hours=1)
#: Tries at most; they last for three days.
MAX_TRIES = 76


class MailEnding(StrEnum):
    """How an e-mail ended; the words under which they are counted."""

    SENT = "sent"
    LOGGED = "logged"
    REFUSED = "refused"
    GIVEN_UP = "givenUp"
    CANCELED = "canceled"


@dataclass(frozen=True)
class MailClaim:
    """The right to try once to send an e-mail.

    Attributes:
        mail_id: the hookId that its event was given, though there may be no delivery.
        number: which try this is; 1 is the first.
        pause: seconds until the next.
        created: when the event was accepted.
        profile: the refId of the profile that the event is about.
        account: the refId of the account that gets it.
        payload: the event as JSON.
        taken: the addresses for which it has been taken before.
        refused: the addresses for which it has been refused for good before.
    """

    mail_id: str
    number: int
    pause: float
    created: datetime
    profile: str
    account: str
    payload: str
    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


class Mails(Protocol):
    """Where e-mails are kept. Each call is one atomic step."""

    def claim(self, mail_id: str) -> MailClaim | None:
        """Begin a try; None when the e-mail is not due or has ended."""

    def give_back(self, mail: MailClaim) -> None:
        """Undo a try that could not be made by our own fault; it does not count, and is due again soon."""

    def end(self, mail_id: str, ending: MailEnding) -> None:
        """Forget an e-mail, and count how it ended. A caller that does not get the answer asks again."""

    def keep(self, mail_id: str, taken: Collection[str], refused: Collection[str]) -> None:
        """Note for which addresses an e-mail was taken, and refused for good, that is still owed to others."""

    def wakeups(self, limit: int) -> Sequence[str]:
        """Take the ids of up to `limit` e-mails that are due; unclaimed ids come again after a minute."""
