"""The allowed destinations of webhooks: tables of URLs, addresses and answers, in `destinations/`."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from webhooks.http.destinations import (
    MAX_URL_BYTES,
    Destination,
    ForbiddenDestination,
    Network,
    may_call,
    may_dial,
    read_url,
)

TABLES = Path(__file__).parent / "destinations"


def table(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((TABLES / f"{name}.json").read_text())
    return cases


def allowed_networks(case: dict[str, Any]) -> list[Network]:
    return [ip_network(network) for network in case.get("allowed", ())]


@pytest.mark.parametrize("case", table("good_urls"), ids=lambda case: case["why"])
def test_an_absolute_https_url_with_a_host_is_read(case: dict[str, Any]) -> None:
    stored = case.get("stored", case["url"])
    assert read_url(case["url"]) == Destination(stored, case["host"], case.get("port", 443))


@pytest.mark.parametrize("case", table("good_urls"), ids=lambda case: case["why"])
def test_a_stored_destination_is_read_as_it_was_parsed(case: dict[str, Any]) -> None:
    destination = read_url(case["url"])
    assert read_url(destination.url) == destination
    assert destination.url.isascii()


@pytest.mark.parametrize("case", table("bad_urls"), ids=lambda case: case["why"])
def test_any_other_url_is_refused_with_a_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ForbiddenDestination, match=case["error"]):
        read_url(case["url"])


@pytest.mark.parametrize("beginning", ["https://example.com/", "https://xn--bckerei-5wa.example/"])
def test_a_url_may_have_2048_bytes_and_no_more(beginning: str) -> None:
    longest = beginning.ljust(MAX_URL_BYTES, "a")
    assert read_url(longest).url == longest
    with pytest.raises(ForbiddenDestination, match="longer than 2048 bytes"):
        read_url(longest + "a")


def test_the_length_of_an_international_name_is_that_of_its_a_labels() -> None:
    stored = len("https://xn--bckerei-5wa.example/")
    fits = "https://bäckerei.example/" + "a" * (MAX_URL_BYTES - stored)
    assert len(read_url(fits).url) == MAX_URL_BYTES
    with pytest.raises(ForbiddenDestination, match="longer than 2048 bytes"):
        read_url(fits + "a")


def test_a_name_may_have_253_characters_and_no_more() -> None:
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert read_url(f"https://{longest}/").host == longest
    with pytest.raises(ForbiddenDestination, match="must have a host"):
        read_url(f"https://a{longest}/")


@pytest.mark.parametrize("case", table("addresses"), ids=lambda case: f"{case['address']}: {case['why']}")
def test_an_address_may_be_called_if_it_is_public_or_allowed(case: dict[str, Any]) -> None:
    assert may_dial(case["address"], allowed_networks(case)) is case["may"]


@pytest.mark.parametrize("case", table("answers"), ids=lambda case: f"{case['host']}: {case['why']}")
def test_a_host_may_be_called_if_all_its_addresses_may(case: dict[str, Any]) -> None:
    assert may_call(case["host"], case["answers"], allowed_networks(case)) is case["may"]
