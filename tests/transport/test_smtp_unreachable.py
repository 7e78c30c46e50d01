"""SMTP servers that are unreachable, slow or unresponsive."""

from __future__ import annotations

import errno
import socket
import threading
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from transport.smtp_scene import LATEST, OPS, SENDER, SHORT, ZOE, Serve, hand_over, server_at
from unit.mail.test_text import made_email
from webhooks.errors import OutOfResources
from webhooks.mail.smtp import SmtpBackend, Timeouts
from webhooks.mail.text import Handover
from webhooks_local.machine import Machine
from webhooks_local.ports import free_port


def refuse_connections(monkeypatch: pytest.MonkeyPatch, error: int, *kinds: int) -> None:
    """Let the system refuse connections of sockets of these kinds."""
    connect = socket.socket.connect

    def refuse(one: socket.socket, address: Any) -> None:
        if one.type in kinds:
            raise OSError(error, "")
        connect(one, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_a_server_that_does_not_listen_is_an_outage() -> None:
    assert hand_over(free_port()) == Handover(reason="ConnectionRefusedError")


def test_a_server_name_without_an_address_is_an_outage() -> None:
    assert hand_over(25, "smtp://mail.invalid") == Handover(reason="gaierror")


@pytest.mark.alone
def test_an_unresponsive_server_is_given_up_in_time(serve: Serve) -> None:
    server = serve()
    with Machine() as machine, server.frozen():
        handover = hand_over(server.port, patience=SHORT)
    assert handover == Handover(reason="SMTPServerDisconnected")
    assert machine.seconds < LATEST + machine.slack


@pytest.mark.alone
def test_a_server_without_a_last_answer_is_given_up_in_time(serve: Serve, tmp_path: Path) -> None:
    """It may have accepted the e-mail. That cannot be known, so it is sent again, as the same message."""
    server = serve(waits_for=str(tmp_path / "never"))
    with Machine() as machine:
        handover = hand_over(server.port, patience=SHORT)
    assert handover == Handover(reason="SMTPServerDisconnected")
    assert machine.seconds < LATEST + machine.slack
    assert len(server.taken()) == 1


def test_a_server_that_is_slow_with_each_answer_is_given_up_in_time(serve: Serve) -> None:
    """Although each answer is quick enough, there is one deadline for all of them."""
    server = serve(slow=0.7 * SHORT)
    assert hand_over(server.port, patience=SHORT) == Handover(reason="SMTPServerDisconnected")
    assert server.taken() == []


def test_a_server_may_take_longer_to_answer_than_to_be_connected_to(serve: Serve) -> None:
    """Many check for spam before they accept an e-mail; a client that hangs up meanwhile sends it twice."""
    server = serve(slow=0.5)
    assert hand_over(server.port, timeouts=Timeouts(connect=0.4)).taken == {OPS, ZOE}


@pytest.mark.alone
def test_a_server_may_take_longer_for_its_last_answer_than_for_all_before(serve: Serve, tmp_path: Path) -> None:
    server = serve(waits_for=str(tmp_path / "answer"))
    threading.Timer(1.2 * SHORT, (tmp_path / "answer").touch).start()
    with Machine() as machine:
        assert hand_over(server.port, timeouts=Timeouts(before_message=SHORT)).taken == {OPS, ZOE}
    assert machine.seconds > SHORT


@pytest.mark.alone
def test_a_server_that_hangs_before_the_message_gets_less_time(serve: Serve) -> None:
    server = serve()
    with Machine() as machine, server.frozen():
        handover = hand_over(server.port, timeouts=Timeouts(before_message=SHORT))
    assert handover.reason == "SMTPServerDisconnected"
    assert machine.seconds < LATEST + machine.slack


def test_no_email_is_sent_after_the_deadline(serve: Serve) -> None:
    """Another worker may have claimed it by then, if this one was frozen."""
    server = serve()
    assert hand_over(server.port, patience=-1) == Handover(reason="TimeoutError")
    assert server.taken() == []


@pytest.mark.alone
def test_the_answer_to_quit_is_not_awaited(serve: Serve) -> None:
    """It has accepted the e-mail, and a crash from now on would send it twice."""
    server = serve(hangs_at="QUIT")
    with Machine() as machine:
        assert hand_over(server.port).taken == {OPS, ZOE}
    assert machine.seconds < LATEST + machine.slack


def test_a_malformed_ca_bundle_is_reported_at_once(tmp_path: Path) -> None:
    """At the start of the worker."""
    (tmp_path / "none.pem").write_text("none")
    with pytest.raises(OSError, match="no certificate"):
        SmtpBackend(server_at(25), SENDER, tmp_path / "none.pem")


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])
def test_a_local_shortage_does_not_count_as_a_try(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    refuse_connections(monkeypatch, getattr(errno, name), socket.SOCK_STREAM)
    reported: list[str] = []
    backend = SmtpBackend(server_at(free_port()), SENDER, on_shortage=reported.append)
    with pytest.raises(OutOfResources):
        backend.send(made_email(), [OPS], monotonic() + SHORT)
    assert reported == [name]


def test_a_server_with_ipv6_only_is_an_outage_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reports the same as without local ports. Such a try counts, or it would be repeated for ever."""
    refuse_connections(monkeypatch, errno.EADDRNOTAVAIL, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    assert hand_over(free_port()) == Handover(reason="OSError")
