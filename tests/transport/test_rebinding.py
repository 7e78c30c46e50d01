"""An attacker gains nothing by DNS answers that change between registration and call."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography.fernet import Fernet

from harness.name_server import NameServer
from stores import Store
from transport.conftest import TIMEOUT, post_with
from webhooks.accounts.account import Profile
from webhooks.http.resolver import Resolver
from webhooks.http.transport import Transport
from webhooks.registration.register import Registration
from webhooks.registration.url_policy import UrlPolicy
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client, moment
from webhooks_local.certificates import Certificates

CASES = json.loads((Path(__file__).parent / "rebinding.json").read_text())
HOST = "hooks.example"
ALLOWED_ADDRESS = "127.82.66.1"
ALLOWED = (ip_network(ALLOWED_ADDRESS),)


class Listener:
    """Accepts connections, and never answers."""

    def __init__(self, address: str, port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, port), family=family)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def accepted(self) -> int:
        """Return the number of connections since the last call."""
        count = 0
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1


def has_ipv6() -> bool:
    """Return whether this machine has the address `::1`, which many containers lack."""
    try:
        with Listener("::1"):
            return True
    except OSError:
        return False


def listeners_on_one_port(stack: ExitStack, *addresses: str) -> list[Listener]:
    """Return a listener at each address, all on one port."""
    for _ in range(100):
        with ExitStack() as opened, suppress_in_use():
            listeners: list[Listener] = []
            for address in addresses:
                port = listeners[0].port if listeners else 0
                listeners.append(opened.enter_context(Listener(address, port)))
            stack.push(opened.pop_all())
            return listeners
    raise OSError("no port is free at all addresses")


@contextmanager
def suppress_in_use() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise


class Scene:
    """A machine with private services and a public one, on the same port."""

    def __init__(self, stack: ExitStack, certificates: Certificates) -> None:
        forbidden = ["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1"]
        self.allowed, *self.forbidden = listeners_on_one_port(stack, ALLOWED_ADDRESS, *forbidden)
        self.port = self.allowed.port
        self.name_server = stack.enter_context(NameServer())
        self._names = Resolver([self.name_server.address])
        stack.callback(self._names.close)
        resolver = Resolver([self.name_server.address])  # another instance, as in another process
        self.transport = Transport(TIMEOUT, "Ringback/test", ALLOWED, certificates.authority, resolver=resolver)
        stack.callback(self.transport.close)

    def register(self, redis: Client, host: str = HOST) -> str:
        """Register a webhook; returns the URL that is called."""
        store = Store(redis)
        ref_id = store.account()
        profile = Profile(ref_id, ref_id, "Acme", moment(store.clock()))
        box = SecretBox([Fernet.generate_key().decode()])
        registration = Registration(store.webhooks, store.accounts, box, UrlPolicy(self._names, ALLOWED))
        return registration.register(profile, "social", f"https://{host}:{self.port}/").url


@pytest.fixture
def scene(certificates: Certificates) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, certificates)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_each_call_looks_its_host_up_anew(case: dict[str, Any], scene: Scene, fake_redis: Client) -> None:
    """No forbidden address is connected to, nor any address if one of several is forbidden."""
    host = case.get("host", HOST)
    scene.name_server.set(host, *case["registered"])
    url = scene.register(fake_redis, host)

    if "alias" in case:
        scene.name_server.alias(host, case["alias"])
    scene.name_server.set(case.get("alias", host), *case["called"])
    outcome = post_with(scene.transport, url)

    assert outcome.failure == case["word"]
    assert [listener.accepted() for listener in scene.forbidden] == [0] * len(scene.forbidden)
    assert scene.allowed.accepted() == case["accepted"]


def test_each_attempt_checks_the_addresses_again(scene: Scene, fake_redis: Client) -> None:
    """A receiver that was allowed once may have a private address at a retry."""
    scene.name_server.set(HOST, "93.184.216.34")
    url = scene.register(fake_redis)
    words = []
    for address in (ALLOWED_ADDRESS, "127.0.0.1", ALLOWED_ADDRESS):
        scene.name_server.set(HOST, address)
        words.append(post_with(scene.transport, url).failure)
    assert words == ["timeout", "blocked", "timeout"]
    assert [listener.accepted() for listener in scene.forbidden] == [0] * len(scene.forbidden)
    assert scene.allowed.accepted() == 2
