"""Owed e-mails: their stored values, and the port that the store implements.

An e-mail is stored in the same step as the event that causes it (`webhooks.deliveries.ledger`), and has the
event's id. It is owed until it has ended. A claim begins a try and moves the due time by a pause, which doubles
with each try. So the next try follows whether the SMTP server is away or the worker dies.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

#: The pause from the beginning of the first try to the second, and the longest pause. Each pause is twice as long
#: as the one before. A try must end before the next one is due.
FIRST_PAUSE = timedelta(minutes=2)
MAX_PAUSE = timedelta(hours=1)
#: The maximum number of tries, which take three days.
MAX_TRIES = 76


class MailEnding(StrEnum):
    """How an e-mail ended; e-mails are counted by these values."""

    SENT = "sent"
    LOGGED = "logged"
    REFUSED = "refused"
    GIVEN_UP = "givenUp"
    CANCELED = "canceled"


@dataclass(frozen=True)
class MailClaim:
    """The right to try once to send an e-mail.

    Attributes:
        mail_id: the hookId of its event, even if there is no delivery.
        number: which try this is; 1 is the first.
        pause: seconds until the next.
        created: when the event was accepted.
        profile: the refId of the profile that the event is about.
        account: the refId of the account that gets it.
        payload: the event as JSON.
        taken: the addresses for which an earlier try was accepted.
        refused: the addresses for which an earlier try was refused for good.
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
        """Undo a try for which this machine lacked resources: it does not count, and the next one is soon."""

    def end(self, mail_id: str, ending: MailEnding) -> None:
        """Delete an e-mail, and count how it ended. The call may be repeated if an answer was lost."""

    def keep(self, mail_id: str, taken: Collection[str], refused: Collection[str]) -> None:
        """Record for which addresses an e-mail was accepted, or refused for good, while it is owed to others."""

    def wakeups(self, limit: int) -> Sequence[str]:
        """Take the ids of up to `limit` e-mails that are due; ids that are not claimed return after a minute."""
