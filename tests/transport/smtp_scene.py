"""An SMTP server, and an e-mail that is sent to it."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from pathlib import Path
from time import monotonic

from config.smtp_url import SmtpServer, parse_smtp_url
from mail_server import MailServer
from unit.mail.test_text import made_email
from webhooks.mail.smtp import SmtpBackend, Timeouts
from webhooks.mail.text import Handover

SENDER = Address("Zoë's Ringback", "ringback", "mails.example")


OPS, ZOE = "ops@acme.example", "zoe@acme.example"


#: The deadline in seconds for an unresponsive server; the steps before it hangs take a fraction of them.
SHORT = 1.0


#: Seconds within which it has been given up; less than any other deadline.
LATEST = 15.0


Serve = Callable[..., MailServer]


def server_at(port: int, form: str = "smtp://127.0.0.1:{port}") -> SmtpServer:
    server = parse_smtp_url(form.format(port=port))
    assert server is not None
    return server


def hand_over(
    port: int,
    form: str = "smtp://127.0.0.1:{port}",
    *,
    ca: Path | None = None,
    patience: float = 60.0,
    timeouts: Timeouts = Timeouts(),  # noqa: B008  it cannot change
) -> Handover:
    """Send an e-mail for two recipients to the server at this port, with an SMTP_URL of this form."""
    backend = SmtpBackend(server_at(port, form), SENDER, ca, timeouts=timeouts)
    return backend.send(made_email(), [OPS, ZOE], monotonic() + patience)
