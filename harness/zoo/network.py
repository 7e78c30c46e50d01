"""What all behaviours share: the CA of their certificates, and the name server with their names."""

from __future__ import annotations

from pathlib import Path

from harness.name_server import NameServer
from harness.zoo.behaviour import ALLOWED, Behaviour, Host
from harness.zoo.receiver import Receiver
from harness.zoo.tls import make_contexts

#: The ports of behaviours, each of which is used once, as workers remember how a destination has behaved. They are
#: below the ephemeral ports of the system.
PORTS = range(20_000, 32_768)


class Network:
    """The addresses, ports, names and certificates of the behaviours.

    Args:
        directory: the existing directory for certificates.
        name_server: the name server for their names.

    Attributes:
        authority: the PEM file of the CA that callers must trust.
    """

    def __init__(self, directory: Path, name_server: NameServer) -> None:
        self.authority = directory / "authority.pem"
        self.name_server = name_server
        self._ports = iter(PORTS)
        self._contexts = make_contexts(self.authority)

    def receiver(self, behaviour: Behaviour, ports: int) -> Receiver:
        """Make a receiver, which is not open yet. Its names have an address that may be called."""
        receiver = Receiver(behaviour, ports, self._contexts[behaviour.tls], self._ports)
        if behaviour.host is not None:
            self._tell(receiver, Host(behaviour.host.name, (ALLOWED,)))
        return receiver

    def move_names(self, receiver: Receiver) -> None:
        """Give the names of a receiver the addresses that they have when they are called."""
        if receiver.behaviour.host is not None:
            self._tell(receiver, receiver.behaviour.host)

    def _tell(self, receiver: Receiver, host: Host) -> None:
        for name in receiver.hosts:
            if host.silent:
                self.name_server.hush(name)
            elif host.addresses is None:
                self.name_server.forget(name)
            else:
                self.name_server.set(name, *host.addresses)
