"""Sample events: they are sent as a producer's events are, marked as tests."""

from __future__ import annotations

import json

import pytest

from doubles import RecordedIds
from samples import sample
from stores import Store
from webhooks.accounts.account import Profile
from webhooks.actions import CATALOGUE
from webhooks.actions.samples import OF_ACTION
from webhooks.deliveries.accept import EventIntake
from webhooks.errors import AddOnRequired, PlanRequired, UnknownProfile, UnknownWebhook
from webhooks.registration.sample_event import SampleEvents
from webhooks.store.connection import moment


@pytest.fixture
def publish_ids() -> RecordedIds:
    return RecordedIds()


@pytest.fixture
def sample_events(store: Store, publish_ids: RecordedIds) -> SampleEvents:
    return SampleEvents(EventIntake(store.webhooks, store.ledger, publish_ids), store.accounts)


def profile(store: Store, ref_id: str, account: str) -> Profile:
    return Profile(ref_id, account, "Acme", moment(store.clock()))


@pytest.mark.parametrize("action", CATALOGUE)
def test_the_sample_of_an_action_is_published_at_once(
    store: Store, sample_events: SampleEvents, publish_ids: RecordedIds, action: str
) -> None:
    """It is marked as a test, is about the calling profile, and has all fields of the sample."""
    account = store.account(**{action: "https://hooks.example/"})
    store.change_plan(account, "premium", "messaging")
    shop = store.profile(account)
    receipt = sample_events.send(profile(store, shop, account), action)
    assert receipt.status == "queued"
    assert receipt.hook_id is not None
    assert publish_ids.published == [([receipt.hook_id], 0.0)]
    payload = json.loads(store.claim(receipt.hook_id).payload)
    assert payload.items() >= sample(OF_ACTION[action], shop, test=True, hookId=receipt.hook_id).items()


def test_without_a_webhook_or_profile_no_sample_event_is_sent(
    store: Store, sample_events: SampleEvents, publish_ids: RecordedIds
) -> None:
    account = store.account(social="https://hooks.example/")
    with pytest.raises(UnknownWebhook):
        sample_events.send(profile(store, account, account), "feed")
    with pytest.raises(UnknownProfile):
        sample_events.send(profile(store, "f" * 40, account), "social")
    assert publish_ids.published == []


@pytest.mark.parametrize(
    ("plan", "action", "error"),
    [
        ("free", "messages", PlanRequired),
        ("free", "feed", PlanRequired),
        ("business", "messages", AddOnRequired),
    ],
)
def test_a_sample_event_needs_the_same_plan_and_add_on_as_a_webhook(
    store: Store,
    sample_events: SampleEvents,
    publish_ids: RecordedIds,
    plan: str,
    action: str,
    error: type[Exception],
) -> None:
    """Whether or not a webhook exists for the action."""
    account = store.account(messages="https://hooks.example/")
    store.change_plan(account, plan)
    with pytest.raises(error):
        sample_events.send(profile(store, account, account), action)
    assert publish_ids.published == []
