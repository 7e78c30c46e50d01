"""What all systems under measurement share."""

from __future__ import annotations

from dataclasses import dataclass

from harness.bench.receiver import Receiver
from harness.name_server import NameServer


@dataclass(frozen=True)
class Premises:
    """Who is called, and who tells where that is."""

    receiver: Receiver
    name_server: NameServer
