"""Look-ups, with a name server that behaves as the test says."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from harness.name_server import NameServer
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import Shortage


def test_a_name_has_all_its_ipv4_and_ipv6_addresses(resolver: Resolver, name_server: NameServer) -> None:
    """A forbidden one among them must be found, whichever the system would prefer."""
    name_server.set("hooks.example", "192.0.2.1", "192.0.2.2", "2001:db8::1")
    assert set(resolver.addresses("hooks.example", 5)) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


def test_an_alias_has_the_addresses_of_its_target(resolver: Resolver, name_server: NameServer) -> None:
    name_server.alias("hooks.example", "inside.example")
    name_server.set("inside.example", "10.0.0.1")
    assert resolver.addresses("hooks.example", 5) == ("10.0.0.1",)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_an_ip_address_needs_no_lookup(resolver: Resolver, name_server: NameServer, address: str) -> None:
    assert resolver.addresses(address, 5) == (address,)
    assert name_server.asked == []


@pytest.mark.parametrize("name", ["nobody.example", "a..b", "a" * 64 + ".example", "x." * 200, ""])
def test_a_malformed_or_unknown_name_has_no_addresses(resolver: Resolver, name: str) -> None:
    assert resolver.addresses(name, 5) == ()


def test_an_answer_is_cached_for_its_time_to_live(resolver: Resolver, name_server: NameServer) -> None:
    name_server.set("kept.example", "192.0.2.1", ttl=60)
    for _ in range(3):
        assert resolver.addresses("kept.example", 5) == ("192.0.2.1",)
    assert len(name_server.asked) == 2  # one for each kind of address
    name_server.set("fleeting.example", "192.0.2.1", ttl=0)
    assert resolver.addresses("fleeting.example", 5) == ("192.0.2.1",)
    name_server.set("fleeting.example", "192.0.2.2", ttl=0)
    assert resolver.addresses("fleeting.example", 5) == ("192.0.2.2",)


def test_concurrent_lookups_of_a_name_share_one_query(resolver: Resolver, name_server: NameServer) -> None:
    name_server.hush("silent.example")
    for _ in range(100):
        resolver.look_up("silent.example", lambda _: None)
    assert resolver.addresses("silent.example", 0.2) == ()
    assert name_server.asked.count("silent.example") <= 4  # two kinds, perhaps repeated once each


def test_unanswered_lookups_delay_no_others(resolver: Resolver, name_server: NameServer) -> None:
    """They do not occupy a thread each either."""
    threads = threading.active_count()
    for number in range(100):
        name_server.hush(f"{number}.silent.example")
        resolver.look_up(f"{number}.silent.example", lambda _: None)
    name_server.set("hooks.example", "192.0.2.1")
    assert resolver.addresses("hooks.example", 5) == ("192.0.2.1",)
    assert threading.active_count() <= threads


def test_search_domains_of_the_machine_are_not_used(resolver: Resolver, name_server: NameServer) -> None:
    resolver.addresses("payments", 5)
    assert set(name_server.asked) == {"payments"}


def test_closing_ends_unanswered_lookups(name_server: NameServer) -> None:
    resolver = Resolver([name_server.address])
    name_server.hush("silent.example")
    answers: list[Sequence[str] | Shortage] = []
    ended = threading.Event()

    def on_answer(answer: Sequence[str] | Shortage) -> None:
        answers.append(answer)
        ended.set()

    resolver.look_up("silent.example", on_answer)
    resolver.close()
    assert ended.wait(60)
    assert resolver.addresses("hooks.example", 5) == ()
    assert answers == [()]
