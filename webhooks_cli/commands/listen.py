"""`webhooks listen`: a receiver on this machine that prints each call, and fails as its options say."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeAlias

import click

from webhooks.signing.signatures import mac_key
from webhooks_cli.commands.secret import secret_options
from webhooks_cli.local_run import VAR
from webhooks_cli.output import note, printable
from webhooks_cli.printed_calls import in_json, in_lines
from webhooks_cli.replies import Plan, make_plan
from webhooks_local.certificates import RECEIVER_HOST, ensure_certificates
from webhooks_local.receiver.behaviours import Reply
from webhooks_local.receiver.calls import Call, verify_each
from webhooks_local.receiver.endpoint import Endpoint

Describe: TypeAlias = Callable[[Call, Mapping[str, bool], Reply], str]

_START = """\
Listening. Register a webhook with a URL such as

  {url}/hello

{trust}

Unless an option says how to answer, the paths /status/503/x, /fail/2/x, /hang/x, /drip/x, /redirect/x and /close/x
misbehave. Ctrl-C stops.
"""

_GIVEN_CERTIFICATE = "Callers must trust the CA of the certificate that was given."
_STORED_CERTIFICATE = "Its certificate is of the CA in {authority}, which the `make run` of this directory trusts."
_NEW_CERTIFICATE = """\
A CA was made for it, {authority}.
A `make run` that is started in this directory from now on trusts it; for others set WEBHOOKS_CA_BUNDLE to it."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8443, show_default=True, help="Where to listen.")
@click.option("--host", metavar="ADDRESS", default=RECEIVER_HOST, show_default=True, help="Where to listen.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file of private key and chain. Without it: the one under var/, which `make run` trusts.",
)
@secret_options
@click.option("--status", type=click.IntRange(200, 599), help="Answer with this status.")
@click.option("--hang", is_flag=True, help="Never answer.")
@click.option("--fail", type=click.IntRange(0, 1_000), help="Fail this many calls of each delivery, then succeed.")
@click.option("--random", "share", type=click.FloatRange(0, 1), help="Fail this share of the calls at random.")
@click.option(
    "--schedule",
    metavar="LIST",
    help="Answer the calls of a delivery in this order, as in 500,hang,close,drip,200; the last is repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each call as a line of JSON.")
def listen(
    port: int, host: str, certificate: Path | None, secret: str | None, as_json: bool, **reply_options: Any
) -> None:
    """Receive calls on this machine and print them.

    For development, over HTTPS. With a secret, both signatures of each call are verified. A call is answered 200,
    unless its path or an option says otherwise. Alone, --status and --hang apply to every call; with --fail or
    --random they say how to fail: with 500 if neither is given.
    """
    listener = _Listener(_plan(reply_options), _checked(secret), in_json if as_json else in_lines)
    certificate, trust = (certificate, _GIVEN_CERTIFICATE) if certificate else _certificate_of_this_directory()
    try:
        endpoint = Endpoint(certificate, host, port, listener.respond)
    except ssl.SSLError:
        raise click.BadParameter("must hold a private key and its certificates, in PEM.") from None
    with endpoint:
        note(_START.format(url=endpoint.url(""), trust=trust))
        listener.wait_until_output_is_closed()


def _certificate_of_this_directory() -> tuple[Path, str]:
    """Return the certificate under var/, which is made if there is none, and a sentence about who trusts it.

    Raises:
        click.ClickException: it does not exist, and cannot be made.
    """
    try:
        certificates = ensure_certificates(VAR)
    except OSError as error:
        reason = f"No certificate can be made under {VAR.absolute()}: {error.strerror}. Give --certificate."
        raise click.ClickException(printable(reason)) from error
    trust = _NEW_CERTIFICATE if certificates.are_new else _STORED_CERTIFICATE
    return certificates.receiver, trust.format(authority=printable(certificates.authority.absolute()))


class _Listener:
    """Prints each call and returns its reply.

    Args:
        plan: returns the reply to a call.
        secret: verifies signatures; None to skip that.
        describe: returns the text to print for a call.
    """

    def __init__(self, plan: Plan, secret: str | None, describe: Describe) -> None:
        self._plan = plan
        self._secret = secret
        self._describe = describe
        self._printing = threading.Lock()
        self._output_closed = Future[None]()

    def respond(self, call: Call) -> Reply:
        """Print a call and return its reply. Each call has a thread of its own."""
        reply = self._plan(call)
        verdicts = {} if self._secret is None else verify_each(call, self._secret)
        with self._printing:
            try:
                click.echo(self._describe(call, verdicts, reply))
            except OSError as error:
                if not self._output_closed.done():
                    self._output_closed.set_exception(error)
        return reply

    def wait_until_output_is_closed(self) -> None:
        """Wait until a call cannot be printed.

        Raises:
            OSError: standard output cannot be written.
        """
        self._output_closed.result()


def _plan(reply_options: dict[str, Any]) -> Plan:
    try:
        return make_plan(**reply_options)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _checked(secret: str | None) -> str | None:
    """Return the secret if it can make signatures.

    Raises:
        click.BadParameter: it is malformed.
    """
    try:
        if secret is not None:
            mac_key(secret)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--secret") from None
    return secret
