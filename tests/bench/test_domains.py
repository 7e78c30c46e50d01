"""A domain of a name server: every name below it has the same address."""

from __future__ import annotations

from collections.abc import Iterator

import dns.message
import dns.rcode
import pytest

from harness.name_server import NameServer

TTL = 60


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    with NameServer() as name_server:
        name_server.set_domain("bench.example", "127.0.0.1", TTL)
        yield name_server


def asked(name_server: NameServer, name: str, kind: str) -> dns.message.Message:
    answer = name_server.answer(dns.message.make_query(name, kind).to_wire())
    assert answer is not None
    return dns.message.from_wire(answer)


@pytest.mark.parametrize("name", ["ok-0001.bench.example.", "OK-0001.Bench.Example."])
def test_every_name_below_the_domain_has_its_address(name_server: NameServer, name: str) -> None:
    [found] = asked(name_server, name, "A").answer
    assert [record.to_text() for record in found] == ["127.0.0.1"]
    assert found.ttl == TTL


def test_a_missing_ipv6_address_may_be_cached(name_server: NameServer) -> None:
    answered = asked(name_server, "ok-0001.bench.example.", "AAAA")
    assert (answered.rcode(), answered.answer) == (dns.rcode.NOERROR, [])
    [authority] = answered.authority
    assert authority[0].minimum == TTL


@pytest.mark.parametrize("name", ["bench.example.", "example.", "ok.otherbench.example."])
def test_other_names_do_not_exist(name_server: NameServer, name: str) -> None:
    assert asked(name_server, name, "A").rcode() == dns.rcode.NXDOMAIN
