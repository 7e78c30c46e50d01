"""A call without the local means for it is no attempt, and idle connections are closed then."""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pycares
import pytest
from structlog.testing import capture_logs

from running import ROOT, wait_until
from transport.conftest import LOOPBACK, TIMEOUT, ending_with
from webhooks.errors import OutOfResources
from webhooks.http.call import Failure, Outcome
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import Shortage
from webhooks.http.transport import Transport
from webhooks.http.transport.dialling import Dialling, LentSocket, MakeSocket
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Receiver

NAMES = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]
#: The Linux option for the range of local ports of a socket, since 6.3; Python has no name for it.
IP_LOCAL_PORT_RANGE = 51

HERE = Path(__file__).parent


def refusing(number: int) -> Callable[..., socket.socket]:
    """Return a function that cannot open a socket."""

    def refuse(*_: Any) -> socket.socket:
        raise OSError(number, os.strerror(number))

    return refuse


class RefusingChannel:
    """A channel of c-ares that cannot open a socket, and reports the same as when a name server refuses."""

    def __init__(self, error: int, thread: Callable[[Callable[[], None]], None]) -> None:
        self._error = error
        self._call = thread
        self.asked = 0

    def getaddrinfo(self, *_: Any, callback: Callable[[Any, int], None], **__: Any) -> None:
        """Fail."""
        self.asked += 1
        self._call(lambda: callback(None, self._error))

    def close(self) -> None:
        """Do nothing."""


class Sockets:
    """Makes the sockets of calls, as a test says.

    Attributes:
        make: makes a socket.
    """

    def __init__(self) -> None:
        self.make: MakeSocket = LentSocket

    def __call__(self, family: int, kind: int, protocol: int) -> socket.socket:
        return self.make(family, kind, protocol)


@pytest.fixture
def sockets_of_calls() -> Sockets:
    return Sockets()


@pytest.fixture
def transport(certificates: Certificates, sockets_of_calls: Sockets) -> Iterator[Transport]:
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, make_socket=sockets_of_calls)
    yield transport
    transport.close()


def at_once(answer: Callable[[], None]) -> None:
    answer()


def in_another_thread(answer: Callable[[], None]) -> None:
    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_socket_is_a_local_shortage(
    transport: Transport, receiver: Receiver, sockets_of_calls: Sockets, name: str
) -> None:
    sockets_of_calls.make = refusing(getattr(errno, name))
    with capture_logs() as logs:
        for _ in range(3):
            assert ending_with(transport, receiver.url("/ok/1")) == Shortage(name)
    assert [(log["event"], log["reason"]) for log in logs] == [("worker.out_of_resources", name)]
    assert receiver.calls() == []
    sockets_of_calls.make = LentSocket
    assert isinstance(ending_with(transport, receiver.url("/ok/1")), Outcome)


def test_a_call_that_may_have_been_sent_is_not_treated_as_unsent(
    transport: Transport, receiver: Receiver, sockets_of_calls: Sockets
) -> None:
    """The repetition that it gets is what lacks a socket."""
    assert isinstance(ending_with(transport, receiver.url("/ok/1")), Outcome)
    sockets_of_calls.make = refusing(errno.EMFILE)
    assert ending_with(transport, receiver.url("/close/1")) == Shortage("EMFILE", begun=True)
    assert len(receiver.calls("/close/1")) == 1


def test_an_unsupported_socket_is_no_shortage(
    transport: Transport, receiver: Receiver, sockets_of_calls: Sockets
) -> None:
    """IPv6, on a machine without it."""
    sockets_of_calls.make = refusing(errno.EAFNOSUPPORT)
    ending = ending_with(transport, receiver.url("/ok/1"))
    assert isinstance(ending, Outcome)
    assert ending.failure is Failure.CONNECT


def test_a_socket_that_libcurl_cannot_open_is_a_local_shortage(
    transport: Transport, receiver: Receiver, sockets_of_calls: Sockets
) -> None:
    """Pycurl gives libcurl a duplicate of the socket. Without an open file for it, there is no error either."""

    class NotDuplicated(LentSocket):
        def fileno(self) -> int:
            return 1_000_000  # there is none

    sockets_of_calls.make = NotDuplicated
    assert ending_with(transport, receiver.url("/ok/1")) == Shortage("EMFILE")


def test_without_a_free_local_port_it_is_a_local_shortage(
    transport: Transport, receiver: Receiver, sockets_of_calls: Sockets
) -> None:
    def with_one_port(*kind: int) -> socket.socket:
        opened = LentSocket(*kind)
        opened.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, port_range)
        return opened

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        port_range = struct.pack("I", port << 16 | port)
        holder.connect(("127.0.0.1", int(receiver.url("").rpartition(":")[2])))
        sockets_of_calls.make = with_one_port
        assert ending_with(transport, receiver.url("/ok/1")) == Shortage("EADDRNOTAVAIL")


def test_an_unreachable_address_is_no_shortage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without IPv6 the system reports the same as without ports. Such a call would be given back for ever."""
    real = socket.socket

    class Unreachable(real):  # type: ignore[misc, valid-type]
        def connect(self, _: Any) -> None:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    dialled = Dialling(LOOPBACK, LentSocket)
    dialled.open_socket(0, (socket.AF_INET, socket.SOCK_STREAM, 0, ("127.0.0.1", 9)))
    dialled.socket_is_open(lambda _: None, 0, 0)
    assert dialled.shortage("EADDRNOTAVAIL") == "EADDRNOTAVAIL"
    monkeypatch.setattr(socket, "socket", Unreachable)
    assert dialled.shortage("EADDRNOTAVAIL") is None


@pytest.mark.parametrize("thread", [at_once, in_another_thread])
@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_lookup_without_a_socket_is_a_local_shortage(
    name: str, thread: Callable[[Callable[[], None]], None]
) -> None:
    channel: Any = RefusingChannel(pycares.errno.ARES_ECONNREFUSED, thread)
    resolver = Resolver(channel=channel, lack_of_sockets=lambda: name)
    answers: list[object] = []
    assert resolver.look_up("hooks.example", answers.append) is None
    assert answers == [Shortage(name)]
    with pytest.raises(OutOfResources):
        resolver.addresses("hooks.example", 5)


def test_a_lookup_without_memory_is_a_local_shortage() -> None:
    channel: Any = RefusingChannel(pycares.errno.ARES_ENOMEM, in_another_thread)
    with pytest.raises(OutOfResources):
        Resolver(channel=channel).addresses("hooks.example", 5)


def test_a_refusal_of_the_name_server_is_no_shortage() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
    resolver = Resolver([f"{host}:{port}"])
    assert resolver.addresses("hooks.example", 5) == ()
    resolver.close()


def test_a_socket_is_requested_again_when_one_becomes_free() -> None:
    channel: Any = RefusingChannel(pycares.errno.ARES_ECONNREFUSED, at_once)
    assert Resolver(channel=channel).addresses("hooks.example", 5) == ()
    assert channel.asked > 1


def test_a_lookup_that_fails_beside_another_is_answered() -> None:
    """c-ares ends all queries of a dead connection in the thread that finds it dead."""
    left: list[Callable[[], None]] = []
    channel: Any = RefusingChannel(pycares.errno.ARES_ECONNREFUSED, left.append)
    resolver = Resolver(channel=channel)
    answers: list[object] = []
    assert resolver.look_up("hooks.example", answers.append) is None
    left.pop()()
    assert answers == [()]
    assert resolver.look_up("hooks.example", answers.append) is None
    assert channel.asked == 2


@pytest.fixture
def receivers(certificates: Certificates) -> Iterator[list[Receiver]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Receiver(certificates.receiver)) for _ in range(10)]


def sockets() -> int:
    """Return the number of sockets of this process, including both ends of a local connection."""
    return sum(file.is_socket() for file in Path("/proc/self/fd").iterdir())


def test_a_shortage_closes_idle_connections_and_no_others(transport: Transport, receivers: list[Receiver]) -> None:
    before = sockets()
    for receiver in receivers:
        assert isinstance(ending_with(transport, receiver.url("/ok/1")), Outcome)
    assert sockets() == before + 2 * len(receivers)
    transport.make_room("EMFILE")
    wait_until(lambda: sockets() <= before, 5, "closed")
    for receiver in receivers:
        assert isinstance(ending_with(transport, receiver.url("/ok/1")), Outcome)


def test_only_the_allowed_number_of_connections_is_kept(
    certificates: Certificates, receivers: list[Receiver]
) -> None:
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, connections=4)
    before = sockets()
    for receiver in receivers:
        assert isinstance(ending_with(transport, receiver.url("/ok/1")), Outcome)
    wait_until(lambda: sockets() <= before + 2 * 4, 5, "closed")
    transport.close()


def test_a_process_without_open_files_gives_its_calls_back(certificates: Certificates, receiver: Receiver) -> None:
    """By name and by address, in a process with a real limit; afterwards both calls succeed."""
    program = [sys.executable, str(HERE / "out_of_files.py"), receiver.url("/ok/1"), str(certificates.authority)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(program, capture_output=True, text=True, check=True, timeout=30, env=environment)
    assert json.loads(ended.stdout.splitlines()[-1]) == {
        "without": {"name": "EMFILE", "address": "EMFILE"},
        "with": {"name": "tls", "address": 200},  # the certificate is for the address
    }
