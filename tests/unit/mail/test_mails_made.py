"""Which events make an e-mail: only an unlink by the system, and only once."""

from __future__ import annotations

import pytest

from doubles import RecordedIds
from samples import sample
from stores import Store
from unit.mail.mail_scene import MailScene
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.new_delivery import AcceptVerdict, Receipt
from webhooks.redelivery.resend import Resender


@pytest.fixture
def scene(store: Store) -> MailScene:
    return MailScene(store)


@pytest.mark.parametrize(
    "name", ["social-unlink-user", "social-link", "social-refresh", "messages-messageCreated", "batch-users"]
)
def test_no_other_event_makes_an_email(scene: MailScene, name: str) -> None:
    intake = EventIntake(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    assert isinstance(intake.accept([sample(name, scene.profile)], "producer")[0], Receipt)
    assert scene.store.mails_owed() == []


def test_a_refresh_by_the_system_makes_no_email(scene: MailScene) -> None:
    intake = EventIntake(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    intake.accept([sample("social-refresh", scene.profile, source="system")], "producer")
    assert scene.store.mails_owed() == []


def test_an_event_that_is_sent_again_makes_no_second_email(scene: MailScene) -> None:
    """No delivery was stored, and yet its answer says that it is a duplicate."""
    event = sample("social-unlink-system", scene.profile, idempotencyKey="key")
    intake = EventIntake(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    answers = [intake.accept([event], "producer")[0] for _ in range(2)]
    unregistered = AcceptVerdict.UNREGISTERED
    assert answers == [Receipt(unregistered), Receipt(AcceptVerdict.DUPLICATE, state=unregistered)]
    assert len(scene.store.mails_owed()) == 1


def test_a_delivery_that_is_sent_again_makes_no_second_email(scene: MailScene) -> None:
    """A recovery does the same for many deliveries."""
    store = scene.store
    store.register(scene.account, "social", "https://hooks.example/")
    hook_id = scene.unlink()
    scene.send_all_that_is_due()
    store.end(hook_id)
    Resender(store.records, store.redeliveries, store.accounts, RecordedIds()).resend(scene.account, hook_id)
    assert scene.send_all_that_is_due() == []
    assert len(scene.backend.sent) == 1


def test_an_event_that_is_a_test_makes_no_email(scene: MailScene) -> None:
    """Any customer can send one, at any time."""
    intake = EventIntake(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    intake.accept([sample("social-unlink-system", scene.profile, test=True)], "producer")
    assert scene.store.mails_owed() == []
