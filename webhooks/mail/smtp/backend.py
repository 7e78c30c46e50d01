"""The SMTP backend: hands an e-mail to the operator's server, and reports the result for each recipient."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from email.headerregistry import Address
from pathlib import Path
from typing import Protocol

import certifi

from webhooks.errors import OutOfResources
from webhooks.http.shortages import shortage_of
from webhooks.mail.mail import MailEnding
from webhooks.mail.smtp.answers import Answer
from webhooks.mail.smtp.exchange import DEFAULT_TIMEOUTS, Exchange, Timeouts
from webhooks.mail.smtp.messages import written
from webhooks.mail.text import Email, Handover


class Server(Protocol):
    """The address of the SMTP server, and how to connect."""

    @property
    def host(self) -> str:
        """Its name or address, which its certificate must have."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def username(self) -> str:
        """For the login; empty for none."""

    @property
    def password(self) -> str:
        """For the login; empty for none."""

    @property
    def tls(self) -> bool:
        """Whether TLS begins with the first byte."""

    @property
    def starttls(self) -> bool | None:
        """Whether STARTTLS is required; None to use it if the server offers it."""


class SmtpBackend:
    """Hands e-mails to an SMTP server, on a connection for each: `webhooks.mail.send.MailBackend`.

    Args:
        sender: the sender; bounces go to its address.
        ca_bundle: a PEM file with authorities that are trusted in addition to the system's and the public ones.
        on_shortage: called with the name of the resource that is missing for a try.
        timeouts: the timeouts within the deadline of a try.
    """

    ending = MailEnding.SENT

    def __init__(
        self,
        server: Server,
        sender: Address,
        ca_bundle: Path | None = None,
        on_shortage: Callable[[str], None] = lambda _: None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._on_shortage = on_shortage
        self._timeouts = timeouts
        self._context = ssl.create_default_context()
        self._context.load_verify_locations(certifi.where())
        if ca_bundle is not None:
            self._context.load_verify_locations(ca_bundle)

    def send(self, email: Email, recipients: Sequence[str], until: float) -> Handover:
        """Hand an e-mail over for these recipients, or give up.

        Args:
            until: a moment of `time.monotonic`, after which it is not handed over.

        Raises:
            OutOfResources: there is no socket, memory or port left for a try.
        """
        content = written(email, self._sender).as_bytes()
        try:
            with closing(self._connection(until)) as connection:
                self._introduce(connection)
                answers = _answers(connection.sendmail(self._sender.addr_spec, recipients, content))
                with suppress(OSError):
                    connection.putcmd("quit")  # without waiting for its answer, which would only delay the record
        except smtplib.SMTPRecipientsRefused as error:
            answers = _answers(error.recipients)
            return Handover(refused=_refused(answers), reason=_reason(error, answers.values()))
        except smtplib.SMTPDataError as error:
            answer = Answer(error.smtp_code, _bytes(error.smtp_error))
            refused = frozenset(recipients) if answer.refuses_a_message() else frozenset[str]()
            return Handover(refused=refused, reason=_reason(error, [answer]))
        except smtplib.SMTPResponseException as error:  # of the greeting, the login, or our own address
            return Handover(reason=_reason(error, [Answer(error.smtp_code, _bytes(error.smtp_error))]))
        except OSError as error:  # of the network, of TLS, or another error of smtplib
            if reason := shortage_of(error):
                self._on_shortage(reason)
                raise OutOfResources from error
            return Handover(reason=_reason(error))
        taken = frozenset(recipients) - answers.keys()
        return Handover(taken, _refused(answers), _reason(None, answers.values()) or None)

    def _connection(self, until: float) -> Exchange:
        server, name = self._server, self._sender.domain
        context = self._context if server.tls else None
        return Exchange(server.host, server.port, name, until, tls=context, timeouts=self._timeouts)

    def _introduce(self, connection: smtplib.SMTP) -> None:
        """Set up TLS, and log in."""
        connection.ehlo_or_helo_if_needed()
        wanted = self._server.starttls
        if wanted or (wanted is None and connection.has_extn("starttls")):
            connection.starttls(context=self._context)
        if self._server.username:
            connection.login(self._server.username, self._server.password)


def _answers(of_smtplib: Mapping[str, tuple[int, bytes]]) -> dict[str, Answer]:
    return {address: Answer(*answer) for address, answer in of_smtplib.items()}


def _refused(answers: Mapping[str, Answer]) -> frozenset[str]:
    return frozenset(address for address, answer in answers.items() if answer.refuses_a_recipient())


def _reason(error: Exception | None, answers: Iterable[Answer] = ()) -> str:
    """Return the error's name and the codes of these answers, each once."""
    words = [type(error).__name__] if error is not None else []
    return ", ".join(dict.fromkeys([*words, *map(str, answers)]))


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
