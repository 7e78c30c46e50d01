"""SMTP: hands letters to the operator's server. The only module that uses smtplib.

What the server says of an e-mail is final if it says so; what it says of us, or does not say in time, is not.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import certifi

from webhooks.letters import Handover, Letter
from webhooks.mails import Ending

#: Seconds that connecting to one address may take.
CONNECT_TIMEOUT = 10.0
#: Seconds for everything up to the message. What follows has all the time that there is: a server may look for
#: spam before its last answer, and whoever does not wait for that sends the e-mail twice.
GREETING_TIME = 60.0
#: Refusals for good that are not of the e-mail, but of a login that is wrong, missing or not safe enough.
_OF_THE_LOGIN = (530, 534, 535, 538)

_POLICY = SMTP.clone(cte_type="7bit")
_ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class Server(Protocol):
    """Where the SMTP server is, and how it is spoken to."""

    @property
    def host(self) -> str:
        """Its name or address; the name on its certificate."""

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
        """Whether it speaks TLS from the first byte on."""

    @property
    def starttls(self) -> bool | None:
        """Whether it must be asked for TLS; if it offers it, if None."""


class SmtpCarrier:
    """Hands letters to an SMTP server, on a connection for each: `webhooks.mailing.Carrier`.

    Args:
        sender: who sends; the address is also where it is told of what cannot be brought.
        ca_bundle: a PEM file trusted besides the system's and the public roots.
    """

    ending = Ending.SENT

    def __init__(self, server: Server, sender: Address, ca_bundle: Path | None = None) -> None:
        self._server = server
        self._sender = sender
        self._context = ssl.create_default_context()
        self._context.load_verify_locations(certifi.where())
        if ca_bundle is not None:
            self._context.load_verify_locations(ca_bundle)

    def send(self, letter: Letter, recipients: Sequence[str], until: float) -> Handover:
        """Hand a letter over for these recipients, or give up.

        Args:
            until: a moment of `time.monotonic`, after which it is not handed over.
        """
        content = written(letter, self._sender).as_bytes()
        try:
            with closing(self._connection(until)) as connection:
                self._introduce(connection)
                answers = connection.sendmail(self._sender.addr_spec, recipients, content)
                with suppress(OSError):
                    connection.putcmd("quit")  # its answer would only make the time longer until it is recorded
        except smtplib.SMTPRecipientsRefused as error:
            return Handover(refused=_refused(error.recipients), reason=_reason(error, *error.recipients.values()))
        except smtplib.SMTPDataError as error:
            answer = error.smtp_code, _bytes(error.smtp_error)
            return Handover(refused=_refused(dict.fromkeys(recipients, answer)), reason=_reason(error, answer))
        except smtplib.SMTPResponseException as error:  # of the greeting, the login, or our own address
            return Handover(reason=_reason(error, (error.smtp_code, _bytes(error.smtp_error))))
        except OSError as error:  # of the network, of TLS, or another one of smtplib's
            return Handover(reason=_reason(error))
        reason = _reason(None, *answers.values()) if answers else None
        return Handover(frozenset(recipients) - answers.keys(), _refused(answers), reason)

    def _connection(self, until: float) -> smtplib.SMTP:
        options: dict[str, Any] = {"local_hostname": self._sender.domain}  # smtplib would look up its own, slowly
        if self._server.tls:
            return _TlsExchange(until, self._server.host, self._server.port, context=self._context, **options)
        return _Exchange(until, self._server.host, self._server.port, **options)

    def _introduce(self, connection: smtplib.SMTP) -> None:
        """See to TLS and the login."""
        connection.ehlo_or_helo_if_needed()
        wanted = self._server.starttls
        if wanted or (wanted is None and connection.has_extn("starttls")):
            connection.starttls(context=self._context)
        if self._server.username:
            connection.login(self._server.username, self._server.password)


class _Exchange(smtplib.SMTP):
    """A connection on which no answer is waited for beyond a deadline, a nearer one until the message is sent."""

    def __init__(self, until: float, host: str, port: int, **options: Any) -> None:
        self._until = until
        self._deadline = min(until, monotonic() + GREETING_TIME)
        super().__init__(host, port, timeout=min(CONNECT_TIMEOUT, self._left()), **options)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer, and no longer than the deadline."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message, and give the server all the time that is left."""
        self._deadline = self._until
        return super().data(msg)

    def _left(self) -> float:
        if (left := self._deadline - monotonic()) <= 0:
            raise TimeoutError
        return left


class _TlsExchange(_Exchange, smtplib.SMTP_SSL):
    """The same over TLS from the first byte on."""


def written(letter: Letter, sender: Address) -> EmailMessage:
    """Return the message; its id is the same each time, so that whoever gets it twice can see that it is one."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = [Address(addr_spec=address) for address in letter.addresses]
    message["Subject"] = letter.subject
    message["Date"] = letter.created
    message["Message-ID"] = f"<{letter.mail_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _refused(answers: Mapping[str, tuple[int, bytes]]) -> frozenset[str]:
    """Return the addresses whose answers are final."""
    return frozenset(
        address for address, (code, _) in answers.items() if 500 <= code <= 599 and code not in _OF_THE_LOGIN
    )


def _reason(error: Exception | None, *answers: tuple[int, bytes]) -> str:
    """Return the error's name and the codes of these answers. Their texts may hold addresses."""
    words = {type(error).__name__: None} if error is not None else {}
    for code, text in answers:
        enhanced = _ENHANCED_CODE.match(text)
        words[f"{code} {enhanced[0].decode()}" if enhanced else str(code)] = None
    return ", ".join(words)


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
