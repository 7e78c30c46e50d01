"""Registering webhooks and signing secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from doubles import KnownNames, contents
from stores import Store
from webhooks.accounts.account import Profile
from webhooks.errors import InvalidInput, UnknownWebhook
from webhooks.http.destinations import read_url
from webhooks.registration.register import Registration
from webhooks.registration.url_policy import UrlPolicy
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import moment

URL = "https://hooks.example/"


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([Fernet.generate_key().decode()])


@pytest.fixture
def registration(store: Store, box: SecretBox) -> Registration:
    return Registration(
        store.webhooks, store.accounts, box, UrlPolicy(KnownNames()), now=lambda: moment(store.clock())
    )


@pytest.fixture
def profile(store: Store) -> Profile:
    ref_id = store.account("Acme")
    return Profile(ref_id, ref_id, "Acme", moment(store.clock()))


def secret_of(store: Store, box: SecretBox, profile: Profile) -> str | None:
    sealed = store.redis.hget(f"profile:{profile.ref_id}", "secret")
    return None if sealed is None else box.open(profile.ref_id, sealed)


def test_a_webhook_is_registered_with_the_current_time(
    registration: Registration, store: Store, profile: Profile
) -> None:
    webhook = registration.register(profile, "social", URL, source="dashboard")
    assert webhook == Webhook("social", read_url(URL), moment(store.clock()), "dashboard")
    assert registration.webhooks_of(profile) == [webhook]


def test_registering_again_replaces_the_webhook(
    registration: Registration, store: Store, profile: Profile
) -> None:
    registration.register(profile, "social", URL, source="dashboard")
    store.clock.advance(60)
    again = registration.register(profile, "social", "https://moved.example/")
    assert registration.webhooks_of(profile) == [again]
    assert again.updated == moment(store.clock() - 60_000) + timedelta(seconds=60)


def test_a_secret_given_with_a_webhook_becomes_the_profiles_secret(
    registration: Registration, store: Store, box: SecretBox, profile: Profile
) -> None:
    registration.register(profile, "social", URL, secret="first")
    registration.register(profile, "feed", URL)
    assert secret_of(store, box, profile) == "first"
    registration.register(profile, "feed", URL, secret="second")
    assert secret_of(store, box, profile) == "second"


def test_a_secret_can_be_set_before_a_webhook_exists(
    registration: Registration, store: Store, box: SecretBox, profile: Profile
) -> None:
    registration.set_secret(profile, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert secret_of(store, box, profile) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("url", "secret", "field"),
    [
        ("http://hooks.example/", None, "url"),
        ("http://hooks.example/", "good", "url"),
        ("https://10.0.0.1/", "good", "url"),
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


def test_a_removed_webhook_is_no_longer_returned(registration: Registration, profile: Profile) -> None:
    registration.register(profile, "social", URL)
    registration.unregister(profile, "social")
    assert registration.webhooks_of(profile) == []
    with pytest.raises(UnknownWebhook):
        registration.unregister(profile, "social")


def test_a_url_is_stored_in_its_normalized_form(registration: Registration, profile: Profile) -> None:
    webhook = registration.register(profile, "social", "HTTPS://BÄCKEREI.example:/Hooks")
    assert webhook.url == "https://xn--bckerei-5wa.example/Hooks"
    assert registration.webhooks_of(profile) == [webhook]
