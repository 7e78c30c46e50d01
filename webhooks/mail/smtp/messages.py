"""E-mails as RFC 5322 messages."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

from webhooks.mail.smtp.folding import Folding
from webhooks.mail.text import Email

_POLICY = Folding(linesep="\r\n", cte_type="7bit")


def written(email: Email, sender: Address) -> EmailMessage:
    """Return the message. Its id is the same in each try, so that a mail store can recognize a repetition."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = [Address(addr_spec=address) for address in email.addresses]
    message["Subject"] = email.subject
    message["Date"] = email.created
    message["Message-ID"] = f"<{email.mail_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.text)
    return message
