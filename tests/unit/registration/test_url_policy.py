"""Which URLs may be registered: what their hosts are looked up as, and where they may lead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest

from doubles import KnownNames, UnresponsiveNames
from webhooks.errors import InvalidInput
from webhooks.registration.url_policy import MAX_LOOK_UPS, UrlPolicy

URL = "https://hooks.example/"
ALLOWED = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def names() -> KnownNames:
    return KnownNames()


@pytest.fixture
def policy(names: KnownNames) -> UrlPolicy:
    return UrlPolicy(names, ALLOWED)


def test_a_host_is_looked_up_by_its_a_labels(policy: UrlPolicy, names: KnownNames) -> None:
    assert policy.check("https://BÄCKEREI.example./").host == "xn--bckerei-5wa.example"
    assert names.asked == ["xn--bckerei-5wa.example"]


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        (URL, ["93.184.216.34", "2606:4700::1111"]),
        (URL, ["127.0.0.1"]),
        (URL, []),
        ("https://localhost/", ["127.0.0.1"]),
        ("https://93.184.216.34/", []),
        ("https://127.0.0.1:8443/", []),
        ("https://[2606:4700::1111]/", []),
    ],
)
def test_urls_that_lead_to_public_or_allowed_addresses_are_accepted(
    policy: UrlPolicy, names: KnownNames, url: str, answers: list[str]
) -> None:
    """So is a name without an address: its DNS may not be set up yet."""
    names.set("hooks.example", *answers)
    names.set("localhost", *answers)
    assert policy.check(url).url == url


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        (URL, ["10.0.0.1"]),
        (URL, ["93.184.216.34", "10.0.0.1"]),
        (URL, ["93.184.216.34", "::1"]),
        ("https://localhost/", ["127.0.0.1", "::1"]),
        ("https://localhost/", ["93.184.216.34"]),
        ("https://localhost/", []),
        ("https://10.0.0.1/", []),
        ("https://[::1]/", []),
        ("https://[::ffff:10.0.0.1]/", []),
        ("https://\uff110.0.0.1/", []),
    ],
)
def test_urls_that_lead_to_any_other_address_are_blocked(
    policy: UrlPolicy, names: KnownNames, url: str, answers: list[str]
) -> None:
    """So is a local name without an address: the local network could give it one later."""
    names.set("hooks.example", *answers)
    names.set("localhost", *answers)
    with pytest.raises(InvalidInput) as refused:
        policy.check(url)
    assert refused.value.errors == {"url": ["blocked"]}


def test_an_address_is_checked_without_a_look_up(policy: UrlPolicy, names: KnownNames) -> None:
    """A name server must not decide about it."""
    names.set("10.0.0.1", "93.184.216.34")
    with pytest.raises(InvalidInput):
        policy.check("https://10.0.0.1/")
    assert names.asked == []


def test_a_look_up_may_take_two_seconds(policy: UrlPolicy, names: KnownNames) -> None:
    """A name whose answer comes later is checked when it is called."""
    names.set("hooks.example", "10.0.0.1", seconds=1.9)
    with pytest.raises(InvalidInput):
        policy.check(URL)
    names.set("hooks.example", "10.0.0.1", seconds=2.1)
    assert policy.check(URL).url == URL


def test_unresponsive_names_hold_only_a_limited_number_of_callers() -> None:
    """During that many look-ups, another name counts as one without an answer; a local name is refused."""
    names = UnresponsiveNames()
    policy = UrlPolicy(names, ALLOWED)
    with ThreadPoolExecutor(MAX_LOOK_UPS) as pool:
        held = [pool.submit(policy.check, URL) for _ in range(MAX_LOOK_UPS)]
        try:
            assert all(names.asked.acquire(timeout=60) for _ in held)
            assert policy.check(URL).url == URL
            with pytest.raises(InvalidInput):
                policy.check("https://db.internal/")
            assert not names.asked.acquire(blocking=False)
        finally:
            names.may_answer.set()
        assert {check.result().url for check in held} == {URL}


def test_a_finished_look_up_frees_its_slot(policy: UrlPolicy, names: KnownNames) -> None:
    for number in range(MAX_LOOK_UPS + 1):
        policy.check(f"https://{number}.example/")
    assert len(names.asked) == MAX_LOOK_UPS + 1
