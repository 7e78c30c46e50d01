"""The phases of a call: look-up, connection, TLS, answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from harness.name_server import NameServer
from transport.conftest import LOOPBACK, TIMEOUT, Post, post_with
from webhooks.http.call import Failure, Outcome, Phases
from webhooks.http.resolver import Resolver
from webhooks.http.transport import Transport
from webhooks_local.certificates import Certificates
from webhooks_local.ports import free_port
from webhooks_local.receiver import Receiver


@pytest.fixture
def naming(certificates: Certificates, resolver: Resolver) -> Iterator[Transport]:
    """A transport that uses the name server of the tests."""
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, resolver=resolver)
    yield transport
    transport.close()


def test_a_call_on_a_new_connection_has_all_phases(post: Post, receiver: Receiver) -> None:
    """Together they take no longer than the call."""
    outcome = post(receiver.url("/ok/1"))
    phases = outcome.phases
    known = [phases.dns, phases.connect, phases.tls, phases.first_byte]
    times = [time for time in known if time is not None]
    assert len(times) == 4
    assert all(time >= 0 for time in times)
    assert phases.tls != 0  # a handshake takes more than half a millisecond
    assert sum(times) <= outcome.milliseconds + len(times)  # each is rounded


def test_a_call_on_a_kept_connection_has_no_connect_phases(post: Post, receiver: Receiver) -> None:
    post(receiver.url("/ok/1"))
    phases = post(receiver.url("/ok/2")).phases
    assert (phases.connect, phases.tls) == (0, 0)
    assert None not in {phases.dns, phases.first_byte}


@pytest.mark.parametrize("path", ["/hang/1", "/close/1"])
def test_a_silent_receiver_has_no_first_byte(post: Post, receiver: Receiver, path: str) -> None:
    """On a new connection and on a kept one."""
    for _ in range(2):
        phases = post(receiver.url(path)).phases
        assert None not in {phases.connect, phases.tls}
        assert phases.first_byte is None
        assert post(receiver.url("/ok/1")).succeeded


def test_an_incomplete_handshake_has_no_duration(post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = post(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert outcome.failure is Failure.TIMEOUT
    assert outcome.phases.connect is not None
    assert outcome.phases.tls is None


def test_without_a_connection_only_the_lookup_has_a_duration(post: Post, receiver: Receiver) -> None:
    """No phase of the previous call is left."""
    post(receiver.url("/ok/1"))
    outcome = post(f"https://127.0.0.1:{free_port()}/")
    assert outcome.phases.dns is not None
    nothing_else = Phases(dns=outcome.phases.dns)
    assert outcome == Outcome(None, Failure.CONNECT, outcome.milliseconds, phases=nothing_else)


def test_the_lookup_of_an_unknown_name_has_a_duration(naming: Transport) -> None:
    phases = post_with(naming, "https://nobody.example/").phases
    assert phases == Phases(dns=phases.dns)
    assert phases.dns is not None


def test_a_lookup_that_times_out_has_no_duration(naming: Transport, name_server: NameServer) -> None:
    name_server.hush("silent.example")
    assert post_with(naming, "https://silent.example/").phases == Phases()
