"""Sending e-mails: claim one that is due, hand it over, and record the result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Protocol

import structlog

from webhooks.accounts.account import Account, Profile
from webhooks.errors import OutOfResources, StorageUnavailable
from webhooks.mail.mail import MAX_TRIES, MailClaim, MailEnding, Mails
from webhooks.mail.text import Email, Handover, unlink_email
from webhooks.runtime.retrying import PAUSE, retry_while_unavailable

#: The part of the pause to the next try within which an e-mail must be handed over. The time grows with the pause:
#: otherwise a server that scans an e-mail for long would get it in every try, and accept each.
PART_OF_PAUSE = 0.5
#: The longest time that a try takes, in seconds: as long as a server has for its last answer by RFC 5321.
MAX_TRY = 600.0
#: The maximum number of ids that one sweep publishes; the next sweep continues.
LIMIT = 1_000

log = structlog.get_logger()


class Accounts(Protocol):
    """Where recipients are looked up at each try."""

    def account(self, ref_id: str) -> Account | None:
        """Return an account."""

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile."""


class MailBackend(Protocol):
    """Takes e-mails for delivery.

    Attributes:
        ending: how an e-mail has ended when it was accepted.
    """

    ending: MailEnding

    def send(self, email: Email, recipients: Sequence[str], until: float) -> Handover:
        """Hand an e-mail over for these recipients, or give up.

        Args:
            until: a moment of `time.monotonic`, after which it must not be handed over.

        Raises:
            OutOfResources: this machine lacks resources for a try.
        """


class LogBackend:
    """Writes e-mails to the log, without their addresses, if no SMTP server is configured."""

    ending = MailEnding.LOGGED

    def send(self, email: Email, recipients: Sequence[str], until: float) -> Handover:  # noqa: ARG002
        """Write it."""
        log.info(
            "mail.logged",
            mail_id=email.mail_id,
            recipients=len(recipients),
            subject=email.subject,
            text=email.text,
        )
        return Handover(taken=frozenset(recipients))


class MailSender:
    """Sends e-mails, one at a time.

    Args:
        publish_ids: publishes ids of e-mails that are due.
        pause: seconds from one try to the next while storage is unavailable.
    """

    def __init__(
        self,
        mails: Mails,
        accounts: Accounts,
        backend: MailBackend,
        publish_ids: Callable[[Sequence[str]], None],
        pause: float = PAUSE,
    ) -> None:
        self._mails = mails
        self._accounts = accounts
        self._backend = backend
        self._publish_ids = publish_ids
        self._pause = pause
        self._stopping = threading.Event()

    def sweep(self) -> int:
        """Publish the ids of e-mails that are due; returns how many."""
        if mail_ids := self._mails.wakeups(LIMIT):
            self._publish_ids(mail_ids)
        return len(mail_ids)

    def send(self, mail_id: str) -> None:
        """Try once to send an e-mail if it is due. It never raises: another try will follow."""
        if self._stopping.is_set():
            return
        try:
            began = monotonic()  # taken before the claim, so that the deadline is never too late
            if (mail := self._mails.claim(mail_id)) is not None:
                self._try(mail, began + min(PART_OF_PAUSE * mail.pause, MAX_TRY))
        except StorageUnavailable:
            log.warning("mail.storage_away", mail_id=mail_id)
        except Exception:
            log.exception("mail.cannot_send", mail_id=mail_id)

    def stop(self) -> None:
        """Begin no more tries; it returns at once and may be called in a signal handler."""
        self._stopping.set()

    def _try(self, mail: MailClaim, until: float) -> None:
        if mail.number > MAX_TRIES:
            self._end(mail, MailEnding.GIVEN_UP)
            log.error("mail.given_up", mail_id=mail.mail_id, account=mail.account)
            return
        profile, account = self._accounts.profile(mail.profile), self._accounts.account(mail.account)
        if profile is None or account is None:
            self._end(mail, MailEnding.CANCELED)
            log.info("mail.canceled", mail_id=mail.mail_id, account=mail.account)
            return
        addresses = account.notice_addresses
        email = unlink_email(mail, profile.title, addresses)
        settled = mail.taken | mail.refused
        recipients = [address for address in addresses if address not in settled]
        try:
            handover = self._backend.send(email, recipients, until) if recipients else Handover()
        except OutOfResources:
            self._retry_while_unavailable(partial(self._mails.give_back, mail))
        else:
            self._record(mail, recipients, handover)

    def _record(self, mail: MailClaim, recipients: Sequence[str], handover: Handover) -> None:
        """Write down what came of a try, before all else: a crash before that repeats it."""
        taken, refused = mail.taken | handover.taken, mail.refused | handover.refused
        left = set(recipients) - taken - refused
        ending = None
        if not left:
            ending = self._backend.ending if taken else MailEnding.REFUSED
        if ending is not None:
            self._end(mail, ending)
        elif handover.taken or handover.refused:
            self._retry_while_unavailable(partial(self._mails.keep, mail.mail_id, taken, refused))
        write = log.warning if left else log.error if refused else log.info
        write(
            "mail.tried",
            mail_id=mail.mail_id,
            account=mail.account,
            number=mail.number,
            ending=ending,
            taken=len(taken),
            refused=len(refused),
            left=len(left),
            reason=handover.reason,
            next_in=mail.pause if left else None,
        )

    def _end(self, mail: MailClaim, ending: MailEnding) -> None:
        self._retry_while_unavailable(partial(self._mails.end, mail.mail_id, ending))

    def _retry_while_unavailable(self, write: Callable[[], None]) -> None:
        """Write, and retry while storage is unavailable: the e-mail may have been accepted.

        Raises:
            StorageUnavailable: it is unavailable while the worker stops.
        """
        retry_while_unavailable(write, self._stopping, partial(log.warning, "mail.record_retried"), self._pause)
