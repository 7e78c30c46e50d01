"""The servers that settings can name, as processes: Redis with every kind of connection, SMTP, DNS, a receiver.

Passwords contain every character with a special meaning in URLs, and a character outside ASCII where that is
possible.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import trustme
from redis import Redis, RedisError

from harness.name_server import NameServer
from mail_server import MailServer
from running import ROOT, wait_until
from webhooks_local.child_process import ending_with_parent
from webhooks_local.ports import free_port
from webhooks_local.receiver import Receiver
from webhooks_local.redis_program import redis_program

USER, PASSWORD = "acl:us@r%41", "a%41b@:/;?#&=+ [é]"
MAIL_USER, MAIL_PASSWORD = "ring@back", "m%41b@:/;?#&=+ []"
SERVICE, SECURE_SERVICE = "Ringback-Test", "Ringback-TLS"
RECEIVER = "hooks.example"
#: The address from which the Sentinel connects. The relay accepts plain connections from this address only.
SENTINEL_ADDRESS = "127.0.0.3"

_REDIS = """\
bind 127.0.0.1 -::1
port {port}
unixsocket "{socket}"
dir "{directory}"
save ""
requirepass "{password}"
user "{user}" on "~*" "&*" +@all ">{password}"
"""
_SENTINEL = """\
bind 127.0.0.1 -::1
port {port}
bind-source-addr {address}
dir "{directory}"
requirepass "{password}"
user "{user}" on "~*" "&*" +@all ">{password}"
"""
_WATCHED = """\
sentinel monitor {service} 127.0.0.1 {port} 1
sentinel auth-pass {service} "{password}"
"""


def quoted(text: str) -> str:
    """Return a part of a URL with all special characters encoded."""
    return quote(text, safe="")


def has_ipv6() -> bool:
    """Return whether this machine has the address ::1."""
    return _can_be_bound("::1", 0)


class Servers:
    """All servers. The context manager starts and ends them.

    Args:
        rabbitmq: the port of RabbitMQ, which gets a relay.

    Attributes:
        redis, sentinel: the ports of the Redis server and of its Sentinel, on 127.0.0.1 and ::1.
        socket: the path of the socket of the Redis server.
        relays: the ports of TLS relays for Redis, by their behaviour, and of one for RabbitMQ.
        authority: PEM file of the CA of all certificates except that of the relay `unknown`.
        client: PEM files of a client certificate and of its key.
        mails: SMTP servers by their behaviour.
        receiver: the receiver, which the name servers know as `RECEIVER`.
        name_servers: values by documented form. If port 53 is not available, the value contains a server that does
            not answer, followed by one that does.
    """

    def __init__(self, directory: Path, rabbitmq: int) -> None:
        self._directory = directory
        self._stack = ExitStack()
        self._relays: list[dict[str, Any]] = []
        self.redis, self.sentinel = free_port(), free_port()
        self.socket = directory / "my redis%41.sock"
        self._issue()
        leaf, authority = str(self._leaf), str(self.authority)
        self.relays = {
            "trusted": self._relay(self.redis, certificate=leaf, plain_from=SENTINEL_ADDRESS),
            "demanding": self._relay(self.redis, certificate=leaf, authority=authority),
            "another name": self._relay(self.redis, certificate=str(directory / "other.pem")),
            "unknown": self._relay(self.redis, certificate=str(directory / "unknown.pem")),
            "rabbitmq": self._relay(rabbitmq, certificate=leaf, authority=authority),
        }
        login = {"login": [MAIL_USER, MAIL_PASSWORD]}
        self.mails = {
            "bare": MailServer(directory),
            "offers TLS": MailServer(directory, certificate=leaf),
            "demands TLS": MailServer(directory, certificate=leaf, demands_tls=True, **login),
            "speaks TLS": MailServer(directory, certificate=leaf, implicit_tls=True, **login),
        }
        self.name_servers: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        values = {"directory": self._directory, "password": PASSWORD, "user": USER}
        self._start_redis(stack, "redis", _REDIS.format(port=self.redis, socket=self.socket, **values))
        watched = {SERVICE: self.redis, SECURE_SERVICE: self.relays["trusted"]}
        sentinel = _SENTINEL.format(port=self.sentinel, address=SENTINEL_ADDRESS, **values) + "".join(
            _WATCHED.format(service=service, port=port, password=PASSWORD) for service, port in watched.items()
        )
        relays = [sys.executable, str(ROOT / "tests/tls_relay.py"), json.dumps(self._relays)]
        self._start_process(stack, "relays", relays)
        for relay in self._relays:
            wait_until(partial(_listens, relay["port"]), 30, "a relay")
        self._start_redis(stack, "sentinel", sentinel, "--sentinel")
        for server in self.mails.values():
            stack.enter_context(server)
        self.receiver = stack.enter_context(Receiver(self._leaf))
        self._start_name_servers(stack)
        for port in (self.redis, self.sentinel):
            wait_until(partial(_answers, port), 30, f"answering; see {self._directory}")
        wait_until(self._sentinel_knows_all, 30, "known to the Sentinel")

    def _start_redis(self, stack: ExitStack, name: str, configuration: str, *arguments: str) -> None:
        file = self._directory / f"{name}.conf"
        file.write_text(configuration)
        self._start_process(stack, name, [redis_program(), str(file), *arguments])

    def _start_process(self, stack: ExitStack, name: str, command: list[str]) -> None:
        with (self._directory / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ending_with_parent(command), cwd=self._directory, stdout=log, stderr=log, start_new_session=True
            )
        stack.callback(process.wait)
        stack.callback(process.kill)

    def _start_name_servers(self, stack: ExitStack) -> None:
        for host, form, with_port in (
            ("127.82.66.53", "192.0.2.53", "192.0.2.53:5353"),
            ("::1", "2001:db8::53", "[2001:db8::53]:5353"),
        ):
            if not _can_be_bound(host, 0):
                continue
            server = stack.enter_context(NameServer(host))
            self.name_servers[with_port] = server.address
            self.name_servers[form] = f"{host},{server.address}"
            with suppress(OSError):  # port 53 needs a privilege, and may be in use
                at_53 = stack.enter_context(NameServer(host, 53))
                at_53.set(RECEIVER, "127.0.0.1")
                self.name_servers[form] = host
            server.set(RECEIVER, "127.0.0.1")

    def _relay(self, target: int, **options: str) -> int:
        port = free_port()
        self._relays.append({"port": port, "target": target, **options})
        return port

    def _issue(self) -> None:
        """Make all certificates."""
        authority, unknown = trustme.CA(), trustme.CA()
        leaf = authority.issue_cert(RECEIVER, "localhost", "127.0.0.1")
        client = authority.issue_cert("client.example")
        self.authority = self._directory / "my ca.pem"
        self.client = (self._directory / "client.pem", self._directory / "client.key")
        self._leaf = self._directory / "leaf.pem"
        files = {
            self.authority: authority.cert_pem,
            self._leaf: leaf.private_key_and_cert_chain_pem,
            self.client[0]: client.cert_chain_pems[0],
            self.client[1]: client.private_key_pem,
            self._directory / "other.pem": authority.issue_cert("other").private_key_and_cert_chain_pem,
            self._directory / "unknown.pem": unknown.issue_cert("other").private_key_and_cert_chain_pem,
        }
        for path, content in files.items():
            path.write_bytes(content.bytes())

    def _sentinel_knows_all(self) -> bool:
        with Redis(port=self.sentinel, password=PASSWORD, decode_responses=True) as sentinel:
            states: Any = sentinel.sentinel_masters()
        return all(states[service]["flags"] == "master" for service in (SERVICE, SECURE_SERVICE))


def _answers(port: int) -> bool:
    try:
        with Redis(port=port, password=PASSWORD) as server:
            return bool(server.ping())
    except RedisError:
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _can_be_bound(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
