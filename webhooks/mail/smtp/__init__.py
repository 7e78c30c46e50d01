"""SMTP: hands e-mails to the operator's server. The only package that uses smtplib."""

from webhooks.mail.smtp.backend import SmtpBackend
from webhooks.mail.smtp.exchange import Timeouts

__all__ = ["SmtpBackend", "Timeouts"]
