"""Trying: a sample event is sent as a producer's would be, marked as a test."""

from __future__ import annotations

import json

import pytest

from doubles import RecordingRing
from samples import sample
from stores import Store
from webhooks.actions import CATALOGUE
from webhooks.actions.samples import OF_ACTION
from webhooks.errors import UnknownProfile, UnknownWebhook
from webhooks.publishing import Publishing
from webhooks.trying import Trying


@pytest.fixture
def ring() -> RecordingRing:
    return RecordingRing()


@pytest.fixture
def trying(store: Store, ring: RecordingRing) -> Trying:
    return Trying(Publishing(store.webhooks, store.ledger, ring))


@pytest.mark.parametrize("action", CATALOGUE)
def test_the_sample_of_an_action_is_delivered_at_once(
    store: Store, trying: Trying, ring: RecordingRing, action: str
) -> None:
    """Marked as a test, and about the profile that asks; nothing of the sample is left out."""
    shop = store.profile(store.account(**{action: "https://hooks.example/"}))
    published = trying.send(shop, action)
    assert (published.action, published.ref_id, published.state) == (action, shop, "queued")
    assert published.hook_id is not None
    assert ring.rung == [([published.hook_id], 0.0)]
    payload = json.loads(store.claim(published.hook_id).payload)
    assert payload.items() >= sample(OF_ACTION[action], shop, test=True, hookId=published.hook_id).items()


def test_where_nothing_is_registered_nothing_is_sent(store: Store, trying: Trying, ring: RecordingRing) -> None:
    account = store.account(social="https://hooks.example/")
    with pytest.raises(UnknownWebhook):
        trying.send(account, "feed")
    with pytest.raises(UnknownProfile):
        trying.send("f" * 40, "social")
    assert ring.rung == []
