"""Look-ups before a webhook is registered, with DNS and with the double that other tests use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Protocol

import pytest
from cryptography.fernet import Fernet

from doubles import KnownNames
from harness.name_server import NameServer
from stores import Store
from webhooks.accounts.account import Profile
from webhooks.errors import InvalidInput
from webhooks.http.resolver import Resolver
from webhooks.registration.register import Registration
from webhooks.registration.url_policy import Names, UrlPolicy
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client, moment
from webhooks_local.machine import Machine

CASES = json.loads((Path(__file__).parent / "registering.json").read_text())


class SettableNames(Protocol):
    """A name server whose addresses a test can set."""

    def set(self, name: str, *addresses: str) -> None:
        """From now on, answer with these addresses."""


@pytest.fixture(params=["resolver", "double"])
def names(
    request: pytest.FixtureRequest, name_server: NameServer, resolver: Resolver
) -> tuple[Names, SettableNames]:
    """The look-up, and the name server that answers it."""
    if request.param == "resolver":
        return resolver, name_server
    double = KnownNames()
    return double, double


def test_a_name_has_its_configured_addresses(names: tuple[Names, SettableNames]) -> None:
    looking_up, telling = names
    telling.set("hooks.example", "192.0.2.1", "2001:db8::1")
    assert set(looking_up.addresses("hooks.example", 5)) == {"192.0.2.1", "2001:db8::1"}
    telling.set("hooks.example", "192.0.2.2")
    assert list(looking_up.addresses("hooks.example", 5)) == ["192.0.2.2"]


def test_an_unknown_name_has_no_addresses(names: tuple[Names, SettableNames]) -> None:
    looking_up, telling = names
    telling.set("empty.example")
    assert list(looking_up.addresses("nobody.example", 5)) == []
    assert list(looking_up.addresses("empty.example", 5)) == []


def word(redis: Client, names: Names, url: str, allowed: Sequence[str] = ()) -> str:
    """Register this URL; return the result."""
    store = Store(redis)
    ref_id = store.account()
    profile = Profile(ref_id, ref_id, "Acme", moment(store.clock()))
    box = SecretBox([Fernet.generate_key().decode()])
    registration = Registration(
        store.webhooks, store.accounts, box, UrlPolicy(names, [ip_network(network) for network in allowed])
    )
    try:
        registration.register(profile, "social", url)
    except InvalidInput as refused:
        (reason,) = refused.errors["url"]
        return str(reason)
    return "registered"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_webhook_is_registered_unless_dns_has_a_private_address(
    case: dict[str, Any], name_server: NameServer, resolver: Resolver, fake_redis: Client
) -> None:
    for name, addresses in case.get("addresses", {}).items():
        name_server.set(name, *addresses)
    for name, other in case.get("aliases", {}).items():
        name_server.alias(name, other)
    assert word(fake_redis, resolver, case["url"], case.get("allowed", ())) == case["word"]


@pytest.mark.alone
def test_a_silent_name_server_delays_registration_by_two_seconds(
    name_server: NameServer, resolver: Resolver, fake_redis: Client
) -> None:
    """The webhook is registered then, and its calls will be checked."""
    name_server.hush("hooks.example")
    with Machine() as machine:
        assert word(fake_redis, resolver, "https://hooks.example/") == "registered"
    assert 2.0 <= machine.seconds < 4.0 + machine.slack
