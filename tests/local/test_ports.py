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

#: Ports that neither `free_port` nor the kernel gives to anybody else.
OTHERS = range(10_000, PORTS.start)


@pytest.fixture
def two_ports() -> Sequence[int]:
    ports = filter(can_be_listened_on, random.sample(OTHERS, len(OTHERS)))
    return next(ports), next(ports)


def can_be_listened_on(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_a_server_can_listen_there() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_port_is_given_twice(two_ports: Sequence[int]) -> None:
    assert {free_port(two_ports), free_port(two_ports)} == set(two_ports)
    with pytest.raises(OSError, match="no free port"):
        free_port(two_ports)


def test_a_port_on_which_somebody_listens_is_passed_over(two_ports: Sequence[int]) -> None:
    with socket.create_server(("127.0.0.1", two_ports[0])):
        assert free_port(two_ports) == two_ports[1]


def test_processes_do_not_get_each_others(two_ports: Sequence[int]) -> None:
    taken = free_port(two_ports)
    code = f"from webhooks_local.ports import free_port; print(free_port({two_ports}))"
    given = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert {taken, int(given)} == set(two_ports)


@pytest.mark.skipif(sys.platform != "linux", reason="it is read from Linux' /proc")
def test_no_outgoing_connection_takes_one_first() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    if lowest < PORTS.stop:
        pytest.skip("this machine gives outgoing connections other ports than Linux does by default")
    assert free_port() < lowest
