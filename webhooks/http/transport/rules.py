"""The rules that hold for every call of a process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from webhooks.http.destinations import Network
from webhooks.http.transport.dialling import MakeSocket


@dataclass(frozen=True)
class Rules:
    """What holds for every call of a process; `webhooks.http.transport.Transport` describes each field."""

    timeout: float
    user_agent: str
    allowed_networks: tuple[Network, ...]
    roots: Path
    make_socket: MakeSocket
