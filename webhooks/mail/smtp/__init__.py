"""SMTP: hands letters to the operator's server. The only package that uses smtplib."""

from webhooks.mail.smtp.carrier import SmtpCarrier

__all__ = ["SmtpCarrier"]
