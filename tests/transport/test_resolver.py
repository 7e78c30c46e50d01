"""Looking names up, with a name server that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from harness.name_server import NameServer
from webhooks.http.resolver import Resolver
from webhooks.http.shortages import Shortage


def test_a_name_has_all_its_addresses_of_either_kind(resolver: Resolver, name_server: NameServer) -> None:
    """One that is forbidden among them must be seen, whatever the machine would prefer."""
    name_server.set("hooks.example", "192.0.2.1", "192.0.2.2", "2001:db8::1")
    assert set(resolver.addresses("hooks.example", 5)) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


def test_a_name_that_stands_for_another_has_its_addresses(resolver: Resolver, name_server: NameServer) -> None:
    name_server.alias("hooks.example", "inside.example")
    name_server.set("inside.example", "10.0.0.1")
    assert resolver.addresses("hooks.example", 5) == ("10.0.0.1",)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_an_address_is_its_own(resolver: Resolver, name_server: NameServer, address: str) -> None:
    assert resolver.addresses(address, 5) == (address,)
    assert name_server.asked == []


@pytest.mark.parametrize("name", ["nobody.example", "a..b", "a" * 64 + ".example", "x." * 200, ""])
def test_what_is_no_name_or_nobodys_has_none(resolver: Resolver, name: str) -> None:
    assert resolver.addresses(name, 5) == ()


def test_an_answer_is_used_for_as_long_as_it_may_be(resolver: Resolver, name_server: NameServer) -> None:
    name_server.set("kept.example", "192.0.2.1", ttl=60)
    for _ in range(3):
        assert resolver.addresses("kept.example", 5) == ("192.0.2.1",)
    assert len(name_server.asked) == 2  # once for each kind of address
    name_server.set("fleeting.example", "192.0.2.1", ttl=0)
    assert resolver.addresses("fleeting.example", 5) == ("192.0.2.1",)
    name_server.set("fleeting.example", "192.0.2.2", ttl=0)
    assert resolver.addresses("fleeting.example", 5) == ("192.0.2.2",)


def test_those_who_ask_for_a_name_at_the_same_time_share_a_look_up(
    resolver: Resolver, name_server: NameServer
) -> None:
    name_server.hush("silent.example")
    for _ in range(100):
        resolver.look_up("silent.example", lambda _: None)
    assert resolver.addresses("silent.example", 0.2) == ()
    assert name_server.asked.count("silent.example") <= 4  # two kinds, perhaps a second try of each


def test_names_that_no_one_answers_for_hold_up_no_others(resolver: Resolver, name_server: NameServer) -> None:
    """Nor does each take a thread."""
    threads = threading.active_count()
    for number in range(100):
        name_server.hush(f"{number}.silent.example")
        resolver.look_up(f"{number}.silent.example", lambda _: None)
    name_server.set("hooks.example", "192.0.2.1")
    assert resolver.addresses("hooks.example", 5) == ("192.0.2.1",)
    assert threading.active_count() <= threads


def test_search_domains_of_the_machine_are_not_tried(resolver: Resolver, name_server: NameServer) -> None:
    resolver.addresses("payments", 5)
    assert set(name_server.asked) == {"payments"}


def test_closing_ends_look_ups_without_an_answer(name_server: NameServer) -> None:
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
