"""What all measured systems share."""

from __future__ import annotations

from dataclasses import dataclass

from harness.bench.receiver import Receiver
from harness.name_server import NameServer


@dataclass(frozen=True)
class Target:
    """The receiver, and the name server that knows its address."""

    receiver: Receiver
    name_server: NameServer
