"""An exchange with an SMTP server has one deadline for its look-up, all addresses and all answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from time import monotonic

import pytest

from transport.dripping_server import DrippingServer
from transport.smtp_scene import LATEST, hand_over
from webhooks.mail.smtp.connecting import SocketAddress, connect_to
from webhooks.mail.text import Handover
from webhooks_local.machine import Machine
from webhooks_local.ports import free_port

#: The deadline of an exchange in seconds.
PATIENCE = 1.5

HELLO = [b"220 mail.example\r\n"]
READY = [*HELLO, b"250 mail.example\r\n"]
TAKEN = [*READY, b"250 OK\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n"]
ENCRYPTING = [*HELLO, b"250-mail.example\r\n250 STARTTLS\r\n", b"220 go on\r\n"]
#: The head of a TLS handshake record of 16 kB, and its content.
RECORD = [b"\x16\x03\x03\x3f\xff", b"\0"]


@pytest.mark.parametrize(
    ("form", "answers", "drips", "reason"),
    [
        ("smtp", [], [b"220-x\r\n"], "SMTPServerDisconnected"),
        ("smtp", [], [b"2"], "SMTPServerDisconnected"),
        ("smtp", HELLO, [b"250-x\r\n"], "SMTPServerDisconnected"),
        ("smtp", READY, [b"250-x\r\n"], "SMTPServerDisconnected"),
        ("smtp", TAKEN, [b"250-x\r\n"], "SMTPServerDisconnected"),
        ("smtp", ENCRYPTING, RECORD, "TimeoutError"),
        ("smtps", [], RECORD, "TimeoutError"),
    ],
    ids=["greeting", "greeting without a line", "EHLO", "MAIL", "last answer", "STARTTLS", "TLS"],
)
def test_a_slowly_dripping_server_is_given_up_in_time(
    form: str, answers: Sequence[bytes], drips: Sequence[bytes], reason: str
) -> None:
    """If a try took longer than the pause to the next, another worker would send the same e-mail."""
    with DrippingServer(answers, drips) as server:
        assert hand_over(server.port, form + "://127.0.0.1:{port}", patience=PATIENCE) == Handover(reason=reason)
        assert not server.given_up


def test_an_unanswered_lookup_is_given_up_in_time() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def look_up(_host: str, _port: int) -> list[SocketAddress]:
        may_end.wait(60)
        ended.set()
        return []

    with pytest.raises(TimeoutError):
        connect_to("mail.example", 25, monotonic() + PATIENCE, look_up)
    assert not ended.is_set()
    may_end.set()


@pytest.fixture
def crowded() -> Iterator[SocketAddress]:
    """A server that neither accepts nor refuses connections: its queue of one is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        stack.enter_context(socket.create_connection(listener.getsockname()))
        yield socket.AF_INET, listener.getsockname()


@pytest.mark.alone
def test_many_unresponsive_addresses_are_given_up_in_time(crowded: SocketAddress) -> None:
    """They share the deadline."""
    with Machine() as machine, pytest.raises(TimeoutError):
        connect_to("mail.example", 25, monotonic() + PATIENCE, lambda *_: [crowded] * 50)
    assert machine.seconds < 2 * PATIENCE + machine.slack


def test_an_address_that_refuses_leads_to_the_next() -> None:
    """For example without IPv6."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        addresses: list[SocketAddress] = [
            (socket.AF_INET6, ("::1", free_port())),
            (socket.AF_INET, ("127.0.0.1", free_port())),
            (socket.AF_INET, ("127.0.0.1", port)),
        ]
        with connect_to("mail.example", port, monotonic() + LATEST, lambda *_: addresses) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_a_malformed_name_is_reported_at_once() -> None:
    with pytest.raises(OSError, match="label"):
        connect_to("mail..example", 25, monotonic() + LATEST)
