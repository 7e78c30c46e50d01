"""Where a `make run` is, as the commands beside it find out."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from webhooks_client.base_url import is_here, read_base_url
from webhooks_local.private_files import make_private_directory
from webhooks_local.run.banner import banner, base_url
from webhooks_local.run.run_file import LocalRun, find_local_run, whereabouts_kept

URL = "http://127.0.0.1:9000"


def test_without_a_run_there_is_none(var: Path) -> None:
    assert find_local_run(var) is None


def test_a_run_is_known_while_it_lasts_and_afterwards(var: Path) -> None:
    make_private_directory(var)
    with whereabouts_kept(var, URL):
        assert find_local_run(var) == LocalRun(URL, runs=True)
    assert find_local_run(var) == LocalRun(URL, runs=False)


def test_a_later_run_replaces_the_word_of_an_earlier(var: Path) -> None:
    make_private_directory(var)
    with whereabouts_kept(var, "http://127.0.0.1:1"):
        pass
    with whereabouts_kept(var, URL):
        assert find_local_run(var) == LocalRun(URL, runs=True)


def test_an_address_of_this_machine_in_its_network_is_here() -> None:
    """A `make run` may listen there. Its keys are told to it, and no proxy is asked."""
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
def test_what_is_printed_leads_here_from_wherever_it_is_given(var: Path, host: str, url: str) -> None:
    environment = {"WEBHOOKS_ADMIN_KEY": "a", "WEBHOOKS_PRODUCER_KEYS": "p"}
    networks = {"WEBHOOKS_ALLOWED_NETWORKS": "", "WEBHOOKS_CA_BUNDLE": "ca.pem"}
    text = banner(base_url(host, 9000), environment | networks, {}, var, "var/redis")
    assert f"  {url}/api  " in text
    assert read_base_url(f"{url}/api") == url
    assert is_here(url)
