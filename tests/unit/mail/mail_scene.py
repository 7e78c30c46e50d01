"""An account that gets e-mails, for the tests of mail."""

from __future__ import annotations

from collections.abc import Sequence

from structlog.testing import capture_logs
from structlog.typing import EventDict

from doubles import MailsWithOutages, RecordedBackend
from samples import sample
from stores import Store
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.new_delivery import Receipt
from webhooks.mail.send import MailSender
from webhooks.mail.text import Handover

FIRST, SECOND = "a@example.com", "b@example.com"
AWAY = Handover(reason="ConnectionRefusedError")
REFUSED = Handover(refused=frozenset([FIRST]), reason="SMTPRecipientsRefused, 550 5.1.1")


class MailScene:
    """An account, and a worker that sends its e-mails."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.account = store.account("Acme")
        self.profile = store.profile(self.account, "Zoë's shop")
        self.mails = MailsWithOutages(store.mails)
        self.backend = RecordedBackend()
        self.published: list[Sequence[str]] = []
        self.mail_sender = MailSender(self.mails, store.accounts, self.backend, self.published.append, pause=0.01)

    def unlink(self, **changes: str) -> str:
        """Send an event that makes an e-mail; returns the id of the e-mail."""
        before = self.store.mails_owed()
        intake = EventIntake(self.store.webhooks, self.store.ledger, lambda *_: None)
        (published,) = intake.accept([sample("social-unlink-system", self.profile, **changes)], "producer")
        assert isinstance(published, Receipt)
        (mail_id,) = set(self.store.mails_owed()) - set(before)
        return mail_id

    def send_all_that_is_due(self) -> list[EventDict]:
        """Do the work of a sweep and of the workers; returns the log lines."""
        with capture_logs() as logs:
            self.mail_sender.sweep()
            for mail_ids in self.published:
                for mail_id in mail_ids:
                    self.mail_sender.send(mail_id)
            self.published.clear()
        return list(logs)
