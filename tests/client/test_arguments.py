"""The arguments of the client: addresses in every common form, and clear errors for malformed values."""

from __future__ import annotations

from typing import Any

import pytest

from scripted_service import KEY, REF_ID, ScriptedService
from webhooks_client import Client, Rejected
from webhooks_client.base_url import read_base_url

URL = "https://ringback.example.com"


@pytest.mark.parametrize("end", ["", "/", "//", "/api", "/api/", "/api//", " ", "/api/ \n"])
@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:8080", "http://[::1]:8080", "https://h.example/hooks/v2", "HTTPS://H.example"]
)
def test_a_base_url_is_read_with_and_without_api_and_slash(url: str, end: str) -> None:
    assert read_base_url(f"\t{url}{end}") == url


def test_one_api_of_a_path_that_ends_in_api_is_removed() -> None:
    """A proxy may serve Ringback below a path that ends in /api."""
    assert read_base_url(f"{URL}/api/api/") == f"{URL}/api"


@pytest.mark.parametrize("end", ["/api", "/api/", "/"])
def test_events_reach_the_service_at_each_form_of_its_address(service: ScriptedService, end: str) -> None:
    with Client(f" {service.url}{end} ", KEY) as client:
        assert client.send({"action": "social", "refId": REF_ID}).state == "queued"
    assert service.calls[0].path == "/api/events"


@pytest.mark.parametrize(
    "url",
    [
        None,
        b"https://ringback.example.com",
        42,
        "",
        " ",
        "/api",
        "ringback.example.com",
        "ftp://h",
        "https://",
        "https:///api",
        "https://a:b@h",
        "https://@h",
        "https://h?q",
        "https://h?",
        "https://h#",
        "https://h/ /x",
        "https://h/\nx",
        "https://h\x00",
        "https://h\\@elsewhere",
        "https://h:x",
        "https://h:0",
        "https://h:65536",
        "https://[::1",
        "https://a..b",
        "https://" + "a" * 64,
        "https://*.example",
    ],
)
def test_a_malformed_url_is_refused_by_name(url: Any) -> None:
    with pytest.raises(ValueError, match=r"^The url must "):
        Client(url, KEY)


@pytest.mark.parametrize(
    "key", [None, KEY.encode(), 42, "", f"{KEY}\n", f" {KEY}", f"{KEY}ü", f"{KEY}\x00", f"{KEY}\x7f"]
)
def test_a_malformed_key_is_refused_without_being_quoted(key: Any) -> None:
    with pytest.raises(ValueError, match=r"^The key must be") as raised:
        Client(URL, key)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", None),
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", "5"),
        ("timeout", True),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", (1, 2)),
        ("patience", None),
        ("patience", -0.1),
        ("patience", "30"),
        ("patience", float("nan")),
        ("clock", None),
    ],
)
def test_a_malformed_argument_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^The {name} must be"):
        Client(URL, KEY, **{name: value})


@pytest.mark.parametrize("event", [None, [], "event", b"{}", 7])
def test_an_event_that_is_not_a_mapping_is_refused(event: Any) -> None:
    with Client(URL, KEY) as client, pytest.raises(Rejected, match="must be a mapping"):
        client.send(event)


@pytest.mark.parametrize("events", [None, {"action": "social"}, "events", b"[]", 7])
def test_a_value_that_is_not_an_iterable_of_events_is_refused(events: Any) -> None:
    """The keys of a single event would each be sent as an event, and be rejected."""
    with Client(URL, KEY) as client, pytest.raises(ValueError, match=r"^The events must be"):
        client.send_many(events)


@pytest.mark.parametrize("value", [None, "", b"social", 7, ["social"]])
@pytest.mark.parametrize("name", ["action", "ref_id"])
def test_active_refuses_a_malformed_argument_by_name(name: str, value: Any) -> None:
    arguments: dict[str, Any] = {"action": "social", "ref_id": REF_ID} | {name: value}
    with Client(URL, KEY) as client, pytest.raises(ValueError, match=f"^The {name} must be a string"):
        client.active(**arguments)
