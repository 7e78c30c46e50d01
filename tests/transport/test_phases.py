"""How the time of a call was spent: looked up, connected, secured, answered."""

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
    """A transport that asks the name server of the tests."""
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, resolver=resolver)
    yield transport
    transport.close()


def test_a_call_on_a_new_connection_has_them_all(post: Post, receiver: Receiver) -> None:
    """Together they take no longer than the call."""
    outcome = post(receiver.url("/ok/1"))
    phases = outcome.phases
    known = [phases.dns, phases.connect, phases.tls, phases.first_byte]
    times = [time for time in known if time is not None]
    assert len(times) == 4
    assert all(time >= 0 for time in times)
    assert phases.tls != 0  # a handshake takes more than half a millisecond
    assert sum(times) <= outcome.milliseconds + len(times)  # each is rounded


def test_on_a_connection_that_is_open_there_is_nothing_to_open(post: Post, receiver: Receiver) -> None:
    post(receiver.url("/ok/1"))
    phases = post(receiver.url("/ok/2")).phases
    assert (phases.connect, phases.tls) == (0, 0)
    assert None not in {phases.dns, phases.first_byte}


@pytest.mark.parametrize("path", ["/hang/1", "/close/1"])
def test_a_receiver_that_says_nothing_has_no_first_byte(post: Post, receiver: Receiver, path: str) -> None:
    """On a new connection and on one that is open."""
    for _ in range(2):
        phases = post(receiver.url(path)).phases
        assert None not in {phases.connect, phases.tls}
        assert phases.first_byte is None
        assert post(receiver.url("/ok/1")).succeeded


def test_a_handshake_that_does_not_come_to_its_end_was_not_reached(post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = post(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert outcome.failure is Failure.TIMEOUT
    assert outcome.phases.connect is not None
    assert outcome.phases.tls is None


def test_without_a_connection_there_is_only_the_look_up(post: Post, receiver: Receiver) -> None:
    """Nothing is left over from the call before."""
    post(receiver.url("/ok/1"))
    outcome = post(f"https://127.0.0.1:{free_port()}/")
    assert outcome.phases.dns is not None
    nothing_else = Phases(dns=outcome.phases.dns)
    assert outcome == Outcome(None, Failure.CONNECT, outcome.milliseconds, phases=nothing_else)


def test_a_name_that_no_one_knows_was_looked_up_all_the_same(naming: Transport) -> None:
    phases = post_with(naming, "https://nobody.example/").phases
    assert phases == Phases(dns=phases.dns)
    assert phases.dns is not None


def test_a_name_that_is_looked_up_until_the_deadline_was_not_found(
    naming: Transport, name_server: NameServer
) -> None:
    name_server.hush("silent.example")
    assert post_with(naming, "https://silent.example/").phases == Phases()
