"""Shortages: which system errors mean that this machine has run out of something, and how they are logged."""

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
def test_missing_files_memory_and_ports_are_local_shortages(name: str) -> None:
    assert shortage_of(OSError(getattr(errno, name), "")) == name


@pytest.mark.parametrize("name", THEIRS)
def test_a_failure_of_network_or_receiver_is_no_shortage(name: str) -> None:
    assert shortage_of(OSError(getattr(errno, name), "")) is None


def test_an_errno_may_be_a_shortage_in_one_place_only() -> None:
    assert shortage_of(OSError(errno.EAGAIN, ""), [errno.EAGAIN]) == "EAGAIN"
    assert shortage_of(OSError("without a number"), [errno.EAGAIN]) is None


def test_error_numbers_of_tls_are_not_taken_for_errnos() -> None:
    assert shortage_of(ssl.SSLError(errno.ENOMEM, "not an errno")) is None


def test_a_failed_lookup_is_a_shortage_while_no_socket_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver reports `try again` both without a name server and without open files."""
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
