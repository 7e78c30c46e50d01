"""What all behaviours share: the authority of their certificates, and the name server that knows their names."""

from __future__ import annotations

from pathlib import Path

from harness.name_server import NameServer
from harness.zoo.behaviour import ALLOWED, Behaviour, Host
from harness.zoo.pen import Pen
from harness.zoo.tls import make_contexts

#: Where behaviours listen, each at ports that none has had before: workers remember how a destination has behaved.
#: They are below those that the system gives to whoever asks for any.
PORTS = range(20_000, 32_768)


class Premises:
    """Where behaviours live.

    Args:
        directory: for certificates; it must exist.
        name_server: who is asked for their names.

    Attributes:
        authority: the PEM file that callers are to trust.
    """

    def __init__(self, directory: Path, name_server: NameServer) -> None:
        self.authority = directory / "authority.pem"
        self.name_server = name_server
        self._ports = iter(PORTS)
        self._contexts = make_contexts(self.authority)

    def pen(self, behaviour: Behaviour, doors: int) -> Pen:
        """Make a pen, not open yet. Its names lead to an address that may be called."""
        pen = Pen(behaviour, doors, self._contexts[behaviour.tls], self._ports)
        if behaviour.host is not None:
            self._tell(pen, Host(behaviour.host.name, (ALLOWED,)))
        return pen

    def move_names(self, pen: Pen) -> None:
        """Let the names of a pen be what they are to be when they are called."""
        if pen.behaviour.host is not None:
            self._tell(pen, pen.behaviour.host)

    def _tell(self, pen: Pen, host: Host) -> None:
        for name in pen.hosts:
            if host.silent:
                self.name_server.hush(name)
            elif host.addresses is None:
                self.name_server.forget(name)
            else:
                self.name_server.set(name, *host.addresses)
