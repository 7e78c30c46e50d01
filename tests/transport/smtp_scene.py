"""An SMTP server, and an e-mail that is handed over to it."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from pathlib import Path
from time import monotonic

from config.smtp_url import SmtpServer, parse_smtp_url
from mail_server import MailServer
from unit.mail.test_text import made_email
from webhooks.mail.smtp import SmtpBackend
from webhooks.mail.text import Handover

SENDER = Address("Zoë's Ringback", "ringback", "mails.example")


OPS, ZOE = "ops@acme.example", "zoe@acme.example"


#: Seconds that a hand-over to a server that does not respond is given; what comes before it does not respond takes
#: a fraction of them.
SHORT = 1.0


#: Seconds in which it has been given up; fewer than any other deadline.
LATEST = 15.0


Serve = Callable[..., MailServer]


def server_at(port: int, form: str = "smtp://127.0.0.1:{port}") -> SmtpServer:
    server = parse_smtp_url(form.format(port=port))
    assert server is not None
    return server


def hand_over(
    port: int, form: str = "smtp://127.0.0.1:{port}", *, ca: Path | None = None, patience: float = 60.0
) -> Handover:
    """Hand a e-mail for two to the server at this port, which is named by an SMTP_URL of this form."""
    return SmtpBackend(server_at(port, form), SENDER, ca).send(made_email(), [OPS, ZOE], monotonic() + patience)
