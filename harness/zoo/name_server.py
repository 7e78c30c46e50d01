"""A name server that answers as it is told, so that tests decide what a name resolves to."""

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
    """Answers for the names it is told of, over UDP; others do not exist.

    Args:
        host: the address to listen on, IPv4 or IPv6.
        port: the port to listen on; 0 for a free one.

    Attributes:
        asked: the names that were asked for, in order; each once for IPv4 and once for IPv6.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.asked: list[str] = []
        self._addresses: dict[str, tuple[str, ...]] = {}
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
        """Where it listens, as `WEBHOOKS_NAME_SERVERS` takes it."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def tell(self, name: str, *addresses: str, ttl: int = 0) -> None:
        """From now on, answer with these addresses of either kind.

        Args:
            ttl: seconds for which answers may be remembered; of all names.
        """
        self._addresses[name], self._ttl = addresses, ttl

    def forget(self, name: str) -> None:
        """From now on, there is no such name."""
        self._addresses.pop(name, None)

    def alias(self, name: str, other: str) -> None:
        """From now on, answer that `name` is another name for `other`."""
        self._aliases[name] = other

    def hush(self, name: str) -> None:
        """From now on, give no answer at all about this name."""
        self._silent.add(name)

    def _run(self) -> None:
        while (packet := self._socket.recvfrom(4096))[0]:
            question, asker = packet
            if (answer := self._answer(question)) is not None:
                self._socket.sendto(answer, asker)

    def _answer(self, packet: bytes) -> bytes | None:
        question = dns.message.from_wire(packet)
        answer = dns.message.make_response(question)
        wanted = question.question[0].rdtype
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self._silent:
            return None
        while name in self._aliases:
            answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, IN, CNAME, f"{self._aliases[name]}."))
            name = self._aliases[name]
        if name not in self._addresses:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for address in self._addresses.get(name, ()):
            kind = AAAA if ":" in address else A
            if kind == wanted:
                answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, IN, kind, address))
        if (
            not answer.answer
        ):  # as every name server does; without it, that there is none may be remembered for long
            answer.authority.append(dns.rrset.from_text(".", self._ttl, IN, SOA, f". . 1 60 60 60 {self._ttl}"))
        return answer.to_wire()
