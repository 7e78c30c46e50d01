"""An SMTP server that stores the e-mails that it accepts: the program of `mail_server.MailServer`.

Its one argument is a JSON object:

    port, taken      its port, and the file to which it writes a line of JSON for each accepted e-mail
    certificate      PEM file; with it STARTTLS is offered, or required if `demands_tls`, or `implicit_tls`
    login            the required user and password
    answers          the answers by command (MAIL, RCPT, DATA) instead of 250; for RCPT by address
    slow             the seconds that each answer to RCPT takes
    hangs_at         a command (QUIT) that is never answered
    waits_for        a file; the answer after DATA waits until it exists, although the e-mail is accepted before
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Handler:
    """Answers as told, and stores what it accepts."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._answers = options.get("answers", {})
        self._taken = Path(options["taken"])
        self._waits_for = options.get("waits_for")
        self._implicit_tls = options.get("implicit_tls", False)
        self._slow = options.get("slow", 0.0)
        self._hangs_at = options.get("hangs_at")

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a sender."""
        del server, session
        if "MAIL" not in self._answers:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return str(self._answers.get("MAIL", "250 OK"))

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a recipient."""
        del server, session
        await asyncio.sleep(self._slow)
        answer = str(self._answers.get("RCPT", {}).get(address, "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer an e-mail."""
        del server
        if "DATA" in self._answers:
            return str(self._answers["DATA"])
        content = envelope.original_content or b""
        taken = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "content": content.decode("ascii"),
            "tls": self._implicit_tls or session.ssl is not None,
            "user": session.auth_data,
        }
        with self._taken.open("a") as file:
            file.write(json.dumps(taken) + "\n")
        while self._waits_for is not None and not Path(self._waits_for).exists():
            await asyncio.sleep(0.05)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer, or hang."""
        del server, session, envelope
        if self._hangs_at == "QUIT":
            await asyncio.sleep(3600)
        return "221 Bye"


def authenticate(login: list[str], *arguments: Any) -> AuthResult:
    """Return whether these are the user and the password."""
    _server, _session, _envelope, _mechanism, given = arguments
    assert isinstance(given, LoginPassword)
    if [given.login.decode(), given.password.decode()] != login:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=given.login.decode())


async def serve(options: dict[str, Any]) -> None:
    """Serve until the process is stopped."""
    context = None
    if "certificate" in options:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options["certificate"])
    implicit = options.get("implicit_tls", False)
    how: dict[str, Any] = {
        "hostname": "mail.example",
        "tls_context": None if implicit else context,
        "require_starttls": options.get("demands_tls", False),
    }
    if "login" in options:
        how |= {"auth_required": True, "authenticator": partial(authenticate, options["login"])}
        how["auth_require_tls"] = options.get("demands_tls", False)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(options), **how),
        "127.0.0.1",
        options["port"],
        ssl=context if implicit else None,
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
