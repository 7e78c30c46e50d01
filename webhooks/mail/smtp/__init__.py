"""SMTP: hands e-mails to the operator's server. The only package that uses smtplib."""

from webhooks.mail.smtp.backend import SmtpBackend

__all__ = ["SmtpBackend"]
