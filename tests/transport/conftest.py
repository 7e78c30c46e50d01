"""A transport that trusts the receivers' CA and may call this machine, and a name server."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.name_server import NameServer
from mail_server import MailServer
from transport.smtp_scene import Serve
from webhooks.http.call import Call, Outcome
from webhooks.http.destinations import read_url
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import Shortage
from webhooks.http.transport import Transport
from webhooks_local.certificates import Certificates

#: Seconds that a call may take: more than an answered call takes on a slow machine.
TIMEOUT = 2.0
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)

Post = Callable[[str], Outcome]


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    with NameServer() as name_server:
        yield name_server


@pytest.fixture
def resolver(name_server: NameServer) -> Iterator[Resolver]:
    resolver = Resolver([name_server.address])
    yield resolver
    resolver.close()


@pytest.fixture
def transport(certificates: Certificates) -> Iterator[Transport]:
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority)
    yield transport
    transport.close()


@pytest.fixture
def post(transport: Transport) -> Post:
    """Make one call, and return its outcome."""
    return lambda url: post_with(transport, url)


def post_with(transport: Transport, url: str) -> Outcome:
    """Make one call with this transport, and return its outcome."""
    ending = ending_with(transport, url)
    assert isinstance(ending, Outcome), ending
    return ending


def ending_with(transport: Transport, url: str) -> Outcome | Shortage:
    """Make one call with this transport, and return how it ended."""
    return ending_of(transport, Call(read_url(url), {"Content-Type": "application/json"}, b'{"ok":1}'))


def ending_of(transport: Transport, call: Call) -> Outcome | Shortage:
    """Make this call with this transport, and return how it ended."""
    endings: list[Outcome | Shortage] = []
    ended = threading.Event()

    def on_end(ending: Outcome | Shortage) -> None:
        endings.append(ending)
        ended.set()

    transport.send(call, on_end)
    assert ended.wait(10 * TIMEOUT), "the call did not end"
    return endings[0]


@pytest.fixture
def serve(tmp_path: Path, certificates: Certificates) -> Iterator[Serve]:
    """Start an SMTP server, with a certificate if it speaks TLS."""
    with ExitStack() as stack:

        def start(*, tls: bool = False, **options: Any) -> MailServer:
            if tls:
                options = {"certificate": str(certificates.receiver), **options}
            server: AbstractContextManager[MailServer] = MailServer(tmp_path, **options)
            return stack.enter_context(server)

        yield start
