"""Registering webhooks and secrets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network

import pytest
from cryptography.fernet import Fernet

from doubles import KnownNames, UnresponsiveNames, contents
from stores import Store
from webhooks.accounts.account import Profile
from webhooks.errors import InvalidInput, UnknownWebhook
from webhooks.http.destinations import read_url
from webhooks.registration.register import Registration
from webhooks.registration.url_policy import MAX_LOOK_UPS, UrlPolicy
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import moment

URL = "https://hooks.example/"
ALLOWED = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([Fernet.generate_key().decode()])


@pytest.fixture
def names() -> KnownNames:
    return KnownNames()


@pytest.fixture
def registration(store: Store, box: SecretBox, names: KnownNames) -> Registration:
    return Registration(
        store.webhooks, store.accounts, box, UrlPolicy(names, ALLOWED), now=lambda: moment(store.clock())
    )


@pytest.fixture
def profile(store: Store) -> Profile:
    ref_id = store.account("Acme")
    return Profile(ref_id, ref_id, "Acme", moment(store.clock()))


def secret_of(store: Store, box: SecretBox, profile: Profile) -> str | None:
    sealed = store.redis.hget(f"profile:{profile.ref_id}", "secret")
    return None if sealed is None else box.open(profile.ref_id, sealed)


def test_a_webhook_is_registered_with_the_time(registration: Registration, store: Store, profile: Profile) -> None:
    webhook = registration.register(profile, "social", URL, source="dashboard")
    assert webhook == Webhook("social", read_url(URL), moment(store.clock()), "dashboard")
    assert registration.webhooks_of(profile) == [webhook]


def test_registering_again_replaces_it(registration: Registration, store: Store, profile: Profile) -> None:
    registration.register(profile, "social", URL, source="dashboard")
    store.clock.advance(60)
    again = registration.register(profile, "social", "https://moved.example/")
    assert registration.webhooks_of(profile) == [again]
    assert again.updated == moment(store.clock() - 60_000) + timedelta(seconds=60)


def test_a_secret_on_registering_is_the_profiles(
    registration: Registration, store: Store, box: SecretBox, profile: Profile
) -> None:
    registration.register(profile, "social", URL, secret="first")
    registration.register(profile, "feed", URL)
    assert secret_of(store, box, profile) == "first"
    registration.register(profile, "feed", URL, secret="second")
    assert secret_of(store, box, profile) == "second"


def test_a_secret_can_be_set_before_any_webhook(
    registration: Registration, store: Store, box: SecretBox, profile: Profile
) -> None:
    registration.set_secret(profile, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert secret_of(store, box, profile) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("url", "secret", "field"),
    [
        ("http://hooks.example/", None, "url"),
        ("http://hooks.example/", "good", "url"),
        (URL, "whsec_%%%", "secret"),
        (URL, "whsec_", "secret"),
    ],
)
def test_a_bad_url_or_secret_changes_nothing(
    registration: Registration, store: Store, profile: Profile, url: str, secret: str | None, field: str
) -> None:
    registration.register(profile, "social", URL, secret="first")
    before = contents(store.redis)
    with pytest.raises(InvalidInput) as refused:
        registration.register(profile, "social", url, secret)
    assert set(refused.value.errors) == {field}
    assert contents(store.redis) == before


def test_a_bad_secret_changes_nothing(registration: Registration, store: Store, profile: Profile) -> None:
    before = contents(store.redis)
    with pytest.raises(InvalidInput) as refused:
        registration.set_secret(profile, "whsec_%%%")
    assert set(refused.value.errors) == {"secret"}
    assert "%%%" not in str(refused.value)
    assert contents(store.redis) == before


def test_a_webhook_that_was_removed_is_gone(registration: Registration, profile: Profile) -> None:
    registration.register(profile, "social", URL)
    registration.unregister(profile, "social")
    assert registration.webhooks_of(profile) == []
    with pytest.raises(UnknownWebhook):
        registration.unregister(profile, "social")


def test_a_webhook_is_stored_as_its_url_was_understood(registration: Registration, profile: Profile) -> None:
    webhook = registration.register(profile, "social", "HTTPS://BÄCKEREI.example:/Hooks")
    assert webhook.url == "https://xn--bckerei-5wa.example/Hooks"
    assert registration.webhooks_of(profile) == [webhook]


def test_a_name_is_looked_up_as_it_is_stored(
    registration: Registration, profile: Profile, names: KnownNames
) -> None:
    registration.register(profile, "social", "https://BÄCKEREI.example./")
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
def test_what_leads_to_the_public_or_where_the_operator_allows_is_registered(
    registration: Registration, profile: Profile, names: KnownNames, url: str, answers: list[str]
) -> None:
    """And so is a name without an address: its DNS may not be set up yet."""
    names.tell("hooks.example", *answers)
    names.tell("localhost", *answers)
    assert registration.register(profile, "social", url).url == url


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
def test_what_leads_anywhere_else_is_blocked_and_changes_nothing(
    registration: Registration, store: Store, profile: Profile, names: KnownNames, url: str, answers: list[str]
) -> None:
    """A local name that no one knows too: a caller that knows it later would decide where it leads."""
    names.tell("hooks.example", *answers)
    names.tell("localhost", *answers)
    before = contents(store.redis)
    with pytest.raises(InvalidInput) as refused:
        registration.register(profile, "social", url, secret="good")
    assert refused.value.errors == {"url": ["blocked"]}
    assert contents(store.redis) == before


def test_an_address_is_judged_without_asking_anybody(
    registration: Registration, profile: Profile, names: KnownNames
) -> None:
    """A caller that answers for names has no say in it."""
    names.tell("10.0.0.1", "93.184.216.34")
    with pytest.raises(InvalidInput):
        registration.register(profile, "social", "https://10.0.0.1/")
    assert names.asked == []


def test_a_look_up_may_take_two_seconds(registration: Registration, profile: Profile, names: KnownNames) -> None:
    """What comes later is judged by the call itself."""
    names.tell("hooks.example", "10.0.0.1", seconds=1.9)
    with pytest.raises(InvalidInput):
        registration.register(profile, "social", URL)
    names.tell("hooks.example", "10.0.0.1", seconds=2.1)
    registration.register(profile, "social", URL)


def test_names_that_do_not_respond_hold_up_no_more_than_a_few_callers(
    store: Store, box: SecretBox, profile: Profile
) -> None:
    """With so many in flight, a name counts as one that no one can tell in time; a local one is refused then."""
    names = UnresponsiveNames()
    registration = Registration(store.webhooks, store.accounts, box, UrlPolicy(names, ALLOWED))
    with ThreadPoolExecutor(MAX_LOOK_UPS) as pool:
        held = [pool.submit(registration.register, profile, "feed", URL) for _ in range(MAX_LOOK_UPS)]
        try:
            assert all(names.asked.acquire(timeout=60) for _ in held)
            registration.register(profile, "social", URL)
            with pytest.raises(InvalidInput):
                registration.register(profile, "batch", "https://db.internal/")
            assert not names.asked.acquire(blocking=False)
        finally:
            names.may_answer.set()
        assert {webhook.result().url for webhook in held} == {URL}
    assert {webhook.action for webhook in registration.webhooks_of(profile)} == {"feed", "social"}


def test_a_slot_for_a_look_up_comes_back(registration: Registration, names: KnownNames, profile: Profile) -> None:
    for number in range(MAX_LOOK_UPS + 1):
        registration.register(profile, "social", f"https://{number}.example/")
    assert len(names.asked) == MAX_LOOK_UPS + 1
