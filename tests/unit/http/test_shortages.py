"""Shortages: which errors of the system say that this machine has run out of something, and their log."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
from structlog.testing import capture_logs

from webhooks.http.shortages import LOG_INTERVAL, SeldomLog, shortage_of

OURS = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]
THEIRS = ["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EPIPE", "EACCES", "EAGAIN"]


@pytest.mark.parametrize("name", OURS)
def test_files_memory_and_ports_are_our_own_shortage(name: str) -> None:
    assert shortage_of(OSError(getattr(errno, name), "")) == name


@pytest.mark.parametrize("name", THEIRS)
def test_what_a_network_or_a_receiver_causes_is_no_shortage(name: str) -> None:
    assert shortage_of(OSError(getattr(errno, name), "")) is None


def test_what_reports_a_shortage_in_one_place_only_is_named_there() -> None:
    assert shortage_of(OSError(errno.EAGAIN, ""), [errno.EAGAIN]) == "EAGAIN"
    assert shortage_of(OSError("without a number"), [errno.EAGAIN]) is None


def test_numbers_of_tls_are_not_taken_for_errnos() -> None:
    assert shortage_of(ssl.SSLError(errno.ENOMEM, "not an errno")) is None


def test_a_failed_look_up_is_a_shortage_while_no_socket_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's look-up says `try again` both when a name server is away and when there are no files left."""
    failed = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert shortage_of(failed) is None
    assert shortage_of(socket.gaierror(socket.EAI_MEMORY, "")) == "ENOMEM"

    def refuse(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    assert shortage_of(failed) == "EMFILE"


def test_a_shortage_is_logged_once_a_minute_with_its_count() -> None:
    seconds = 0.0
    seldom = SeldomLog("worker.out_of_resources", lambda: seconds)
    with capture_logs() as logs:
        for _ in range(3):
            seldom.report("EMFILE")
        seldom.report("ENFILE")
        seconds = LOG_INTERVAL
        seldom.report("EMFILE")
    assert [(log["reason"], log["times"]) for log in logs] == [("EMFILE", 1), ("ENFILE", 1), ("EMFILE", 3)]
    assert {log["event"] for log in logs} == {"worker.out_of_resources"}
