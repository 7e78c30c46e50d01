"""A name server whose answers a test or a harness decides."""

from __future__ import annotations

import socket
import threading
from typing import Self

import dns.message
import dns.rcode
import dns.rrset
from dns.rdataclass import IN
from dns.rdatatype import AAAA, CNAME, SOA, A


class NameServer:
    """Answers over UDP for the names that it knows; others do not exist. A context manager.

    Args:
        host: the address to listen on, IPv4 or IPv6.
        port: the port to listen on; 0 for a free one.

    Attributes:
        asked: the names that were asked for, in order; each once for IPv4 and once for IPv6.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.asked: list[str] = []
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._domains: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._silent: set[str] = set()
        self._ttl = 0
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self._thread = threading.Thread(target=self._run, name="name-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        """Its address, as `WEBHOOKS_NAME_SERVERS` takes it."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def set(self, name: str, *addresses: str, ttl: int = 0) -> None:
        """From now on, answer with these addresses, IPv4 or IPv6.

        Args:
            ttl: seconds for which the answers for all names may be cached.
        """
        self._addresses[name], self._ttl = addresses, ttl

    def set_domain(self, domain: str, address: str, ttl: int) -> None:
        """From now on, answer with this address for every name below a domain; `ttl` is as in `set`."""
        self._domains[f".{domain}"], self._ttl = address, ttl

    def forget(self, name: str) -> None:
        """From now on, answer that there is no such name."""
        self._addresses.pop(name, None)

    def alias(self, name: str, other: str) -> None:
        """From now on, answer that `name` is an alias of `other`."""
        self._aliases[name] = other

    def hush(self, name: str) -> None:
        """From now on, do not answer questions about this name."""
        self._silent.add(name)

    def answer(self, packet: bytes) -> bytes | None:
        """Return the answer to a question, both as packets; None for silence."""
        question = dns.message.from_wire(packet)
        answer = dns.message.make_response(question)
        kind = question.question[0].rdtype
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self._silent:
            return None
        while name in self._aliases:
            answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, IN, CNAME, f"{self._aliases[name]}."))
            name = self._aliases[name]
        addresses = self._addresses_of(name)
        if addresses is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for address in addresses or ():
            if kind == (AAAA if ":" in address else A):
                answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, IN, kind, address))
        if not answer.answer:  # as every name server does: it says how long the absence may be cached
            answer.authority.append(dns.rrset.from_text(".", self._ttl, IN, SOA, f". . 1 60 60 60 {self._ttl}"))
        return answer.to_wire()

    def _addresses_of(self, name: str) -> tuple[str, ...] | None:
        if name in self._addresses:
            return self._addresses[name]
        below = (address for domain, address in self._domains.items() if name.endswith(domain))
        address = next(below, None)
        return None if address is None else (address,)

    def _run(self) -> None:
        while (packet := self._socket.recvfrom(4096))[0]:
            question, asker = packet
            if (answer := self.answer(question)) is not None:
                self._socket.sendto(answer, asker)
