"""E-mails in Redis: implements `webhooks.mail.mail.Mails`; accept.lua stores them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from webhooks.mail.mail import FIRST_PAUSE, MAX_PAUSE, MailClaim, MailEnding
from webhooks.store.connection import Client, Clock, moment
from webhooks.store.scripts import Script

#: The time until an e-mail that no worker has claimed wakes up again.
WAKEUP_PAUSE_MS = 60_000
#: The time until an e-mail is due again after a try for which resources were missing.
GIVEN_BACK_PAUSE_MS = 30_000
_FIRST_PAUSE_MS = round(FIRST_PAUSE.total_seconds() * 1000)
_MAX_PAUSE_MS = round(MAX_PAUSE.total_seconds() * 1000)


class RedisMails:
    """Owed e-mails.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._claim = Script(redis, "mail/claim", clock)
        self._give_back = Script(redis, "mail/give_back", clock)
        self._record = Script(redis, "mail/record", clock)
        self._wakeups = Script(redis, "mail/wakeups", clock)

    def claim(self, mail_id: str) -> MailClaim | None:
        """Begin a try; None when the e-mail is not due or has ended."""
        answer = self._claim(mail_id, _FIRST_PAUSE_MS, _MAX_PAUSE_MS)
        if not answer:
            return None
        number, pause, created, profile, account, payload, taken, refused = answer
        return MailClaim(
            mail_id=mail_id,
            number=number,
            pause=int(pause) / 1000,
            created=moment(created),
            profile=profile,
            account=account,
            payload=payload,
            taken=_addresses(taken),
            refused=_addresses(refused),
        )

    def give_back(self, mail: MailClaim) -> None:
        """Undo a try; does nothing if the e-mail has ended, or has been tried again."""
        self._give_back(mail.mail_id, mail.number, GIVEN_BACK_PAUSE_MS)

    def end(self, mail_id: str, ending: MailEnding) -> None:
        """Delete an e-mail, and count how it ended; does nothing if it had ended before."""
        self._record(mail_id, "", "", ending)

    def keep(self, mail_id: str, taken: Collection[str], refused: Collection[str]) -> None:
        """Record for which addresses an e-mail was accepted, or refused for good; does nothing if it has ended."""
        self._record(mail_id, json.dumps(sorted(taken)), json.dumps(sorted(refused)), "")

    def wakeups(self, limit: int) -> Sequence[str]:
        """Take the ids of up to `limit` e-mails that are due."""
        return self._wakeups(WAKEUP_PAUSE_MS, limit)


def _addresses(text: str) -> frozenset[str]:
    """Return the recorded addresses; none if nothing is recorded."""
    return frozenset(json.loads(text)) if text else frozenset()
