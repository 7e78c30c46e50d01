"""Registering webhooks and secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from doubles import contents
from stores import Store
from webhooks.accounts import Profile
from webhooks.errors import InvalidInput, UnknownWebhook
from webhooks.registering import Registering
from webhooks.secrets import SecretBox
from webhooks.store.connection import moment
from webhooks.webhooks import Webhook

URL = "https://hooks.example/"


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([Fernet.generate_key().decode()])


@pytest.fixture
def registering(store: Store, box: SecretBox) -> Registering:
    return Registering(store.webhooks, box, now=lambda: moment(store.clock()))


@pytest.fixture
def profile(store: Store) -> Profile:
    ref_id = store.account("Acme")
    return Profile(ref_id, ref_id, "Acme", moment(store.clock()))


def secret_of(store: Store, box: SecretBox, profile: Profile) -> str | None:
    sealed = store.redis.hget(f"profile:{profile.ref_id}", "secret")
    return None if sealed is None else box.open(profile.ref_id, sealed)


def test_a_webhook_is_registered_with_the_time(registering: Registering, store: Store, profile: Profile) -> None:
    webhook = registering.register(profile, "social", URL, source="dashboard")
    assert webhook == Webhook("social", URL, moment(store.clock()), "dashboard")
    assert registering.webhooks_of(profile) == [webhook]


def test_registering_again_replaces_it(registering: Registering, store: Store, profile: Profile) -> None:
    registering.register(profile, "social", URL, source="dashboard")
    store.clock.advance(60)
    again = registering.register(profile, "social", "https://moved.example/")
    assert registering.webhooks_of(profile) == [again]
    assert again.updated == moment(store.clock() - 60_000) + timedelta(seconds=60)


def test_a_secret_on_registering_is_the_profiles(
    registering: Registering, store: Store, box: SecretBox, profile: Profile
) -> None:
    registering.register(profile, "social", URL, secret="first")
    registering.register(profile, "feed", URL)
    assert secret_of(store, box, profile) == "first"
    registering.register(profile, "feed", URL, secret="second")
    assert secret_of(store, box, profile) == "second"


def test_a_secret_can_be_set_before_any_webhook(
    registering: Registering, store: Store, box: SecretBox, profile: Profile
) -> None:
    registering.set_secret(profile, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
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
    registering: Registering, store: Store, profile: Profile, url: str, secret: str | None, field: str
) -> None:
    registering.register(profile, "social", URL, secret="first")
    before = contents(store.redis)
    with pytest.raises(InvalidInput) as refused:
        registering.register(profile, "social", url, secret)
    assert set(refused.value.errors) == {field}
    assert contents(store.redis) == before


def test_a_bad_secret_changes_nothing(registering: Registering, store: Store, profile: Profile) -> None:
    before = contents(store.redis)
    with pytest.raises(InvalidInput) as refused:
        registering.set_secret(profile, "whsec_%%%")
    assert set(refused.value.errors) == {"secret"}
    assert "%%%" not in str(refused.value)
    assert contents(store.redis) == before


def test_a_webhook_that_was_removed_is_gone(registering: Registering, profile: Profile) -> None:
    registering.register(profile, "social", URL)
    registering.unregister(profile, "social")
    assert registering.webhooks_of(profile) == []
    with pytest.raises(UnknownWebhook):
        registering.unregister(profile, "social")
