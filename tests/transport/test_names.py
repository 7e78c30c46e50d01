"""Look-ups of calls: every address of a name counts."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

from harness.name_server import NameServer
from transport.conftest import LOOPBACK, TIMEOUT, post_with
from webhooks.http.call import Failure, Outcome
from webhooks.http.resolver import MAX_ADDRESSES, Resolver
from webhooks.http.transport import Transport
from webhooks.http.transport.exchange import Exchange
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver


@pytest.fixture
def call(
    certificates: Certificates, receiver: Receiver, name_server: NameServer
) -> Iterator[Callable[[str], Outcome]]:
    """Call the receiver by a name, at its port; the certificate is for `localhost`."""
    resolver = Resolver([name_server.address])
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, resolver=resolver)
    port = receiver.url("/").rsplit(":", 1)[1]
    yield lambda name: post_with(transport, f"https://{name}:{port}ok/1")
    transport.close()


def test_a_name_is_called_at_its_address(
    call: Callable[[str], Outcome], name_server: NameServer, receiver: Receiver
) -> None:
    """The certificate is not for `hooks.example`, so TLS refuses, which shows that the receiver was reached."""
    name_server.set("hooks.example", "127.0.0.1")
    assert call("hooks.example").failure is Failure.TLS
    assert call("LOCALHOST").status == 200
    assert [call.path for call in receiver.calls()] == ["/ok/1"]


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1", "10.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("10.0.0.1",), ("127.0.0.1", "::1"), ("fd00::1",)],
)
def test_one_forbidden_address_among_several_blocks_the_call(
    call: Callable[[str], Outcome], name_server: NameServer, addresses: tuple[str, ...]
) -> None:
    name_server.set("hooks.example", *addresses)
    name_server.alias("alias.example", "hooks.example")
    for name in ("hooks.example", "alias.example"):
        outcome = call(name)
        assert (outcome.status, outcome.failure) == (None, Failure.BLOCKED)


def test_after_a_dead_address_the_next_one_is_called(
    call: Callable[[str], Outcome], name_server: NameServer
) -> None:
    name_server.set("hooks.example", "127.0.0.9", "127.0.0.1")
    assert call("hooks.example").failure is Failure.TLS


def test_an_unknown_name_is_reported_at_once(call: Callable[[str], Outcome]) -> None:
    outcome = call("nobody.example")
    assert (outcome.status, outcome.failure) == (None, Failure.DNS)
    assert outcome.milliseconds < TIMEOUT * 1000


@pytest.mark.alone
def test_a_lookup_has_the_deadline_of_its_call(call: Callable[[str], Outcome], name_server: NameServer) -> None:
    name_server.hush("silent.example")
    with Machine() as machine:
        outcome = call("silent.example")
    assert (outcome.status, outcome.failure) == (503, Failure.TIMEOUT)
    assert TIMEOUT <= machine.seconds < 2 * TIMEOUT + machine.slack


def test_a_name_with_very_many_addresses_is_not_called(
    call: Callable[[str], Outcome], name_server: NameServer
) -> None:
    """Each address would be checked at each call, and a customer could try many ports of a network."""
    name_server.set("many.example", *(f"127.0.1.{number}" for number in range(MAX_ADDRESSES + 1)))
    assert call("many.example").failure is Failure.DNS


def test_an_ended_call_is_not_kept_until_its_deadline(
    call: Callable[[str], Outcome], name_server: NameServer
) -> None:
    """Each call has a timer for its look-up if the answer may not be cached."""
    name_server.set("hooks.example", "127.0.0.1")
    for _ in range(3):
        assert call("hooks.example").failure is Failure.TLS
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, Exchange)] == []
