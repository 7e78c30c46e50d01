"""How commands find the `make run` of their directory."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from webhooks_client.base_url import is_here, read_base_url
from webhooks_local.private_files import make_private_directory
from webhooks_local.run.banner import banner, base_url
from webhooks_local.run.run_file import LocalRun, find_local_run, recorded_run

URL = "http://127.0.0.1:9000"


def test_without_a_make_run_there_is_no_local_run(var: Path) -> None:
    assert find_local_run(var) is None


def test_a_local_run_is_found_while_it_runs_and_afterwards(var: Path) -> None:
    make_private_directory(var)
    with recorded_run(var, URL):
        assert find_local_run(var) == LocalRun(URL, is_running=True)
    assert find_local_run(var) == LocalRun(URL, is_running=False)


def test_a_later_run_replaces_an_earlier_one(var: Path) -> None:
    make_private_directory(var)
    with recorded_run(var, "http://127.0.0.1:1"):
        pass
    with recorded_run(var, URL):
        assert find_local_run(var) == LocalRun(URL, is_running=True)


def test_the_network_address_of_this_machine_is_local() -> None:
    """A `make run` may listen there. It gets the stored keys, and is called without a proxy."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network")
        assert is_here(f"http://{probe.getsockname()[0]}:8080")
    assert not is_here("http://192.0.2.1:8080")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("localhost", "http://localhost:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104
        ("::", "http://[::1]:9000"),
        ("::1", "http://[::1]:9000"),
    ],
)
def test_the_banner_prints_a_url_that_leads_to_this_machine(var: Path, host: str, url: str) -> None:
    environment = {"WEBHOOKS_ADMIN_KEY": "a", "WEBHOOKS_PRODUCER_KEYS": "p"}
    networks = {"WEBHOOKS_ALLOWED_NETWORKS": "", "WEBHOOKS_CA_BUNDLE": "ca.pem"}
    text = banner(base_url(host, 9000), environment | networks, {}, var, "var/redis")
    assert f"  {url}/api  " in text
    assert read_base_url(f"{url}/api") == url
    assert is_here(url)
