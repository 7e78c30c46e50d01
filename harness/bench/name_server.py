"""A name server to which every name below one domain is this machine."""

from __future__ import annotations

import socket
import threading
from typing import Self

import dns.message
import dns.rcode
import dns.rrset
from dns.rdataclass import IN
from dns.rdatatype import SOA, A

#: Whose names receivers have.
DOMAIN = "bench.example"
#: Seconds for which an answer may be remembered.
TTL = 60


class NameServer:
    """Answers over UDP on a port of its own: 127.0.0.1 for any name below the domain; others do not exist."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
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
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def _run(self) -> None:
        while (packet := self._socket.recvfrom(4096))[0]:
            question, asker = packet
            self._socket.sendto(answer(question), asker)


def answer(packet: bytes) -> bytes:
    """Return the answer to a question, both as they are on the wire."""
    question = dns.message.from_wire(packet)
    response = dns.message.make_response(question)
    name, kind = question.question[0].name, question.question[0].rdtype
    if not name.to_text(omit_final_dot=True).lower().endswith(f".{DOMAIN}"):
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif kind == A:
        response.answer.append(dns.rrset.from_text(name, TTL, IN, A, "127.0.0.1"))
    else:  # that there is none may be remembered for as long
        response.authority.append(dns.rrset.from_text(f"{DOMAIN}.", TTL, IN, SOA, f". . 1 60 60 60 {TTL}"))
    return response.to_wire()
