"""The shown URL of a webhook or a feed is exactly the called one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from threading import Event
from types import SimpleNamespace

import pytest
from flask import Flask

from api.conftest import Api, Customer, app_on
from config.settings import Settings
from transport.raw_server import RawServer
from webhooks.http.call import Call, Outcome
from webhooks.http.destinations import read_url
from webhooks.http.shortages import Shortage
from webhooks.http.transport import Transport
from webhooks_local.certificates import Certificates

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LOOPBACK = (ip_network("127.0.0.0/8"),)
SEEN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#\\")
ESCAPES = "".join(f"%{code:02x}%{code:02X}" for code in range(256))

#: The part after host and port, and why a client might call another one.
TAILS = {
    "/": "the root",
    "/hooks": "a plain path",
    "/hooks/": "a slash at the end",
    "//hooks//a": "slashes in a row",
    "/a/../b": "a step up",
    "/a/./b": "a step on the spot",
    "/..": "a step up from the root",
    "/a/.": "a dot at the end",
    "/%2e%2e/b/%2E/c": "escaped dots",
    "/p%2fq%c3%a9": "escapes in lower case",
    "/p%2Fq%C3%A9": "escapes in upper case",
    "/%41%7e%2D": "escapes of what needs none",
    "/%00%0d%0a%20": "escapes of control characters",
    "/%": "a per cent sign alone",
    "/%zz%1": "per cent signs that escape nothing",
    "/a?": "an empty query",
    "/a??b=?": "question marks in a row",
    "/?a=%2f&A=%2F": "escapes in a query",
    "/?a=b|c&d={e}&f=^`g": "what a URL should not hold",
    "/?q=a+b%20c&&x==": "plus, and empty parameters",
    "/?next=https://other.example/../a": "a URL in a query",
    "/a;b=c,d/(e)/*'!$@:[f]": "delimiters",
    f"/{SEEN}": "each character of ASCII in a path",
    f"/?{SEEN}": "each character of ASCII in a query",
    f"/{ESCAPES}": "each escape",
}


@pytest.fixture(scope="module")
def app_of_a_developer(settings: Settings, backstage: SimpleNamespace) -> Flask:
    return app_on(replace(settings, allowed_networks=LOOPBACK), backstage)


@pytest.fixture
def customer_of_a_developer(api: Api, app_of_a_developer: Flask) -> Customer:  # noqa: ARG001  it sets doubles
    """A customer of an operator that allows calls to this machine."""
    return Api(app_of_a_developer).open_account()


@pytest.fixture
def server(certificates: Certificates) -> Iterator[RawServer]:
    with RawServer(ANSWER, certificates.receiver) as server:
        yield server


@pytest.fixture(scope="module")
def transport(certificates: Certificates) -> Iterator[Transport]:
    transport = Transport(10, "Ringback/test", LOOPBACK, certificates.authority)
    yield transport
    transport.close()


def called(transport: Transport, url: str, server: RawServer, method: str = "POST") -> tuple[str, str]:
    """Call this URL; return the target and the Host of the request as the server read them."""
    outcomes: list[Outcome | Shortage] = []
    ended = Event()

    def on_end(outcome: Outcome | Shortage) -> None:
        outcomes.append(outcome)
        ended.set()

    transport.send(Call(read_url(url), {}, b"" if method == "GET" else b"{}", method=method), on_end)
    assert ended.wait(30)
    (outcome,) = outcomes
    assert isinstance(outcome, Outcome)
    assert outcome.succeeded, outcome
    line, *fields = server.requests[-1].decode("latin-1").split("\r\n")
    verb, target, version = line.split(" ")
    assert (verb, version) == (method, "HTTP/1.1")
    (host,) = [field.partition(": ")[2] for field in fields if field.lower().startswith("host:")]
    return target, host


@pytest.mark.parametrize("tail", TAILS, ids=TAILS.values())
def test_a_webhook_url_is_called_as_it_is_shown(
    customer_of_a_developer: Customer, transport: Transport, server: RawServer, tail: str
) -> None:
    origin = f"https://127.0.0.1:{server.port}"
    registered = customer_of_a_developer.register("social", origin + tail)
    assert registered.status == 200, registered.text
    shown = customer_of_a_developer.webhooks()["social"]
    assert shown == registered.json["url"] == origin + tail
    assert called(transport, shown, server) == (tail, f"127.0.0.1:{server.port}")


@pytest.mark.parametrize("tail", TAILS, ids=TAILS.values())
def test_a_feed_url_is_called_as_it_is_shown(
    customer_of_a_developer: Customer, transport: Transport, server: RawServer, tail: str
) -> None:
    url = f"https://127.0.0.1:{server.port}{tail}"
    followed = customer_of_a_developer.call("POST", "/api/feed", json={"url": url, "type": "rss"})
    assert followed.status == 200, followed.text
    (feed,) = customer_of_a_developer.call("GET", "/api/feed").json["feeds"]
    assert feed["url"] == url
    assert called(transport, feed["url"], server, "GET")[0] == tail


@pytest.mark.parametrize(("tail", "target"), [("", "/"), ("?x=%2f", "/?x=%2f"), ("?", "/?")])
def test_a_url_without_a_path_is_called_at_its_root(
    customer_of_a_developer: Customer, transport: Transport, server: RawServer, tail: str, target: str
) -> None:
    """HTTP has no request without a path (RFC 9112, section 3.2.1); the URL is shown as it was registered."""
    url = f"https://127.0.0.1:{server.port}{tail}"
    customer_of_a_developer.register("social", url)
    shown = customer_of_a_developer.webhooks()["social"]
    assert shown == url
    assert called(transport, shown, server)[0] == target


def test_a_url_is_shown_in_the_form_in_which_it_is_called(
    customer_of_a_developer: Customer, transport: Transport, server: RawServer
) -> None:
    customer_of_a_developer.register("social", f"HTTPS://127.0.0.1:0{server.port}/A%2f")
    shown = customer_of_a_developer.webhooks()["social"]
    assert shown == f"https://127.0.0.1:{server.port}/A%2f"
    assert (read_url(shown).host, read_url(shown).port) == ("127.0.0.1", server.port)
    assert called(transport, shown, server) == ("/A%2f", f"127.0.0.1:{server.port}")
