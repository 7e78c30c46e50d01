"""What the name server of the bench answers."""

from __future__ import annotations

import dns.message
import dns.rcode
import pytest

from harness.bench.name_server import TTL, answer


def asked(name: str, kind: str) -> dns.message.Message:
    return dns.message.from_wire(answer(dns.message.make_query(name, kind).to_wire()))


@pytest.mark.parametrize("name", ["ok-0001.bench.example.", "OK-0001.Bench.Example."])
def test_every_name_below_the_domain_is_this_machine(name: str) -> None:
    [found] = asked(name, "A").answer
    assert [record.to_text() for record in found] == ["127.0.0.1"]
    assert found.ttl == TTL


def test_no_name_has_an_address_of_the_other_kind_and_that_may_be_remembered() -> None:
    answered = asked("ok-0001.bench.example.", "AAAA")
    assert (answered.rcode(), answered.answer) == (dns.rcode.NOERROR, [])
    [authority] = answered.authority
    assert authority[0].minimum == TTL


@pytest.mark.parametrize("name", ["bench.example.", "example.", "ok.otherbench.example."])
def test_other_names_do_not_exist(name: str) -> None:
    assert asked(name, "A").rcode() == dns.rcode.NXDOMAIN
