"""Ports for servers that are about to start."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from webhooks_local.ports import PORTS, free_port

#: Ports that neither other callers of `free_port` nor the kernel use.
UNUSED = range(10_000, PORTS.start)


@pytest.fixture
def two_ports() -> Sequence[int]:
    ports = filter(can_be_listened_on, random.sample(UNUSED, len(UNUSED)))
    return next(ports), next(ports)


def can_be_listened_on(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_a_server_can_listen_on_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_port_is_returned_twice(two_ports: Sequence[int]) -> None:
    assert {free_port(two_ports), free_port(two_ports)} == set(two_ports)
    with pytest.raises(OSError, match="no free port"):
        free_port(two_ports)


def test_a_port_in_use_is_skipped(two_ports: Sequence[int]) -> None:
    with socket.create_server(("127.0.0.1", two_ports[0])):
        assert free_port(two_ports) == two_ports[1]


def test_two_processes_get_different_ports(two_ports: Sequence[int]) -> None:
    own = free_port(two_ports)
    code = f"from webhooks_local.ports import free_port; print(free_port({two_ports}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert {own, int(other)} == set(two_ports)


@pytest.mark.skipif(sys.platform != "linux", reason="the range of ports is read from Linux's /proc")
def test_free_ports_are_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    if lowest < PORTS.stop:
        pytest.skip("this machine has another range of ports for outgoing connections than Linux has by default")
    assert free_port() < lowest
