"""Which destinations of a webhook are registered, and which are refused as `blocked`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from flask import Flask

from api.conftest import Api, Customer, app_on, bad_input
from config.settings import Settings
from doubles import KnownNames, contents
from webhooks.errors import OutOfResources
from webhooks.store.connection import Client

URL = "https://hooks.example/social"


@pytest.fixture(scope="module")
def app_of_a_developer(settings: Settings, backstage: SimpleNamespace) -> Flask:
    return app_on(replace(settings, allowed_networks=(ip_network("172.18.0.0/16"),)), backstage)


@pytest.fixture
def customer_of_a_developer(api: Api, app_of_a_developer: Flask) -> Customer:  # noqa: ARG001  it sets doubles
    """A customer of an operator who allows a private network."""
    return Api(app_of_a_developer).open_account()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8443/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://[::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://\uff1127.0.0.1/",
    ],
)
def test_an_address_that_is_not_public_is_blocked(customer: Customer, fake_redis: Client, url: str) -> None:
    before = contents(fake_redis)
    answer = customer.register("social", url)
    assert (answer.status, answer.json) == (400, bad_input("webhook", {"url": ["blocked"]}))
    assert contents(fake_redis) == before


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "fd00::1", "64:ff9b::a00:1"])
def test_a_name_with_a_private_address_is_blocked_without_the_address(
    customer: Customer, names: KnownNames, address: str
) -> None:
    """Otherwise a customer could look up names one by one, and map the network of the operator."""
    names.set("hooks.example", "93.184.216.34", address)
    answer = customer.register("social", URL)
    assert (answer.status, answer.json) == (400, bad_input("webhook", {"url": ["blocked"]}))
    assert address not in answer.text


def test_a_blocked_url_does_not_replace_the_earlier_webhook(customer: Customer, names: KnownNames) -> None:
    customer.register("social", URL)
    names.set("moved.example", "10.0.0.1")
    assert customer.register("social", "https://moved.example/").status == 400
    assert customer.webhooks()["social"] == URL


def test_a_name_with_a_public_address_is_registered(customer: Customer, names: KnownNames) -> None:
    names.set("hooks.example", "93.184.216.34", "2606:4700::1111")
    assert customer.register("social", URL).status == 200


def test_a_name_without_an_address_is_registered(customer: Customer, names: KnownNames) -> None:
    assert customer.register("social", URL).status == 200
    assert customer.webhooks()["social"] == URL
    assert names.asked == ["hooks.example"]


@pytest.mark.parametrize("host", ["receiver", "localhost", "app.localhost", "nas.local", "db.prod.internal"])
def test_a_local_name_is_registered_only_if_its_network_is_allowed(
    customer: Customer, customer_of_a_developer: Customer, names: KnownNames, host: str
) -> None:
    url = f"https://{host}:8443/hooks"
    assert customer_of_a_developer.register("social", url).json["errors"] == {"url": ["blocked"]}
    names.set(host, "172.18.0.5")
    assert customer.register("social", url).json["errors"] == {"url": ["blocked"]}
    assert customer_of_a_developer.register("social", url).status == 200
    assert customer_of_a_developer.webhooks()["social"] == url


def test_an_international_name_is_stored_and_shown_as_a_labels(customer: Customer, names: KnownNames) -> None:
    answer = customer.register("social", "https://Bäckerei.example/hooks")
    assert answer.json["url"] == "https://xn--bckerei-5wa.example/hooks"
    assert customer.webhooks()["social"] == "https://xn--bckerei-5wa.example/hooks"
    assert names.asked == ["xn--bckerei-5wa.example"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://127.1/", "The URL's host ends in a number, but is not an IPv4 address."),
        ("https://example.com/#", "The URL must not have a fragment."),
        ("https://example.com/straße", "Outside its host, the URL must be ASCII: percent-encode what is not."),
        ("https://💩.example/", "The URL's host is not a valid international name."),
    ],
)
def test_the_error_says_what_is_wrong_with_a_url(
    customer: Customer, names: KnownNames, url: str, message: str
) -> None:
    answer = customer.register("social", url)
    assert (answer.status, answer.json) == (400, bad_input("webhook", {"url": [message]}))
    assert names.asked == []


@pytest.mark.parametrize("url", [URL, "https://localhost/"])
def test_a_shortage_during_a_lookup_does_not_refuse_the_url(
    customer: Customer, names: KnownNames, fake_redis: Client, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def refuse(*_: object) -> None:
        raise OutOfResources

    monkeypatch.setattr(names, "addresses", refuse)
    before = contents(fake_redis)
    feed = customer.call("POST", "/api/feed", json={"url": url, "type": "rss"})
    for answer in (customer.register("social", url), feed):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert "errors" not in answer.json
    assert contents(fake_redis) == before
