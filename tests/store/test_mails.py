"""E-mails in the store: stored with their event, claimed once, tried less and less often, ended once."""

from __future__ import annotations

from itertools import accumulate

import pytest

from doubles import contents
from stores import Store, new_delivery
from webhooks.deliveries.new_delivery import AcceptVerdict, Idempotency, Receipt
from webhooks.mail.mail import MAX_TRIES, MailClaim, MailEnding
from webhooks.store.connection import moment
from webhooks.store.mails import GIVEN_BACK_PAUSE_MS

URL = "https://hooks.example/"
HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture
def account(store: Store) -> str:
    return store.account("Acme")


def claimed(store: Store, mail_id: str) -> MailClaim:
    mail = store.mails.claim(mail_id)
    assert mail is not None
    return mail


def test_an_event_makes_an_email_without_a_webhook(store: Store, account: str) -> None:
    delivery = new_delivery(store.profile(account), mails=True)

    assert store.ledger.accept([delivery]) == [Receipt(AcceptVerdict.UNREGISTERED)]

    assert claimed(store, delivery.hook_id) == MailClaim(
        mail_id=delivery.hook_id,
        number=1,
        pause=120,
        created=moment(store.clock()),
        profile=delivery.profile,
        account=account,
        payload=delivery.payload,
    )


def test_an_event_makes_an_email_and_a_delivery(store: Store) -> None:
    delivery = new_delivery(store.account(social=URL), mails=True)
    (receipt,) = store.ledger.accept([delivery])
    assert (receipt.verdict, receipt.hook_id) == (AcceptVerdict.STORED, delivery.hook_id)
    assert store.mails_owed() == [delivery.hook_id]
    assert store.claim(delivery.hook_id).payload == claimed(store, delivery.hook_id).payload


def test_other_events_make_no_email(store: Store, account: str) -> None:
    before = contents(store.redis)
    store.ledger.accept([new_delivery(account), new_delivery("f" * 40, mails=True)])
    assert contents(store.redis) == before


def test_a_repeated_event_makes_no_second_email(store: Store) -> None:
    profile = store.account(social=URL)
    known = Idempotency("producer", "key", "digest")
    first = store.owed_mail(profile, idempotency=known)

    (receipt,) = store.ledger.accept([new_delivery(profile, mails=True, idempotency=known)])

    assert (receipt.verdict, receipt.hook_id) == (AcceptVerdict.DUPLICATE, first)
    assert store.mails_owed() == [first]


def test_an_event_that_made_only_an_email_is_a_duplicate_too(store: Store, account: str) -> None:
    """It gets the first answer, even if a webhook has been registered since; another event is a conflict."""
    known, other = (Idempotency("producer", "key", digest) for digest in ("digest", "other"))
    first = store.owed_mail(account, idempotency=known)
    store.register(account, "social", URL)

    receipts = store.ledger.accept([new_delivery(account, mails=True, idempotency=one) for one in (known, other)])

    assert receipts == [
        Receipt(verdict, state=AcceptVerdict.UNREGISTERED)
        for verdict in (AcceptVerdict.DUPLICATE, AcceptVerdict.CONFLICT)
    ]
    assert store.mails_owed() == [first]
    assert store.redis.zcard("alarms") == 0


def test_a_claimed_email_is_not_claimed_again(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    assert store.mails.claim(mail_id) is not None
    assert store.mails.claim(mail_id) is None


def test_an_unknown_id_is_not_claimed(store: Store) -> None:
    store.redis.zadd("mailAlarms", {"unknown": 0})
    assert store.mails.claim("unknown") is None
    assert store.mails_owed() == []


def test_pauses_between_tries_grow_to_an_hour(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    pauses = []
    for number in range(1, 9):
        mail = claimed(store, mail_id)
        assert mail.number == number
        pauses.append(mail.pause)
        store.clock.advance(mail.pause - 0.001)
        assert store.mails.claim(mail_id) is None
        store.clock.advance(0.001)
    assert pauses == [120, 240, 480, 960, 1920, HOUR, HOUR, HOUR]


def test_all_tries_last_for_three_days(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    pauses = []
    for _ in range(MAX_TRIES):
        pauses.append(claimed(store, mail_id).pause)
        store.clock.advance(pauses[-1])
    *_, in_all = accumulate(pauses)
    assert 3 * DAY <= in_all < 3 * DAY + HOUR


def test_the_sweep_finds_due_emails_once_a_minute(store: Store, account: str) -> None:
    """Its message may have been lost."""
    mail_ids = [store.owed_mail(account) for _ in range(3)]
    assert sorted(store.mails.wakeups(10)) == sorted(mail_ids)
    store.clock.advance(59.9)
    assert store.mails.wakeups(10) == []
    store.clock.advance(0.1)
    assert sorted(store.mails.wakeups(10)) == sorted(mail_ids)


def test_the_sweep_finds_claimed_emails_after_their_pause(store: Store, account: str) -> None:
    """After an outage of the server or the death of the worker, without any further write."""
    mail_id = store.owed_mail(account)
    pause = claimed(store, mail_id).pause
    store.clock.advance(pause - 0.001)
    assert store.mails.wakeups(10) == []
    store.clock.advance(0.001)
    assert store.mails.wakeups(10) == [mail_id]
    assert claimed(store, mail_id).number == 2


def test_the_sweep_takes_the_longest_due_emails_up_to_its_maximum(store: Store, account: str) -> None:
    mail_ids = []
    for _ in range(3):
        mail_ids.append(store.owed_mail(account))
        store.clock.advance(1)
    assert store.mails.wakeups(2) == mail_ids[:2]
    assert store.mails.wakeups(2) == mail_ids[2:]


def test_an_ended_email_is_removed_and_counted_once(store: Store, account: str) -> None:
    """A caller that missed the answer asks again."""
    before = contents(store.redis)
    mail_id = store.owed_mail(account)
    claimed(store, mail_id)
    for _ in range(2):
        store.mails.end(mail_id, MailEnding.SENT)
    store.mails.keep(mail_id, ["late@example.com"], [])
    assert contents(store.redis) == before | {"mailsEnded": {"sent": "1"}}


def test_accepted_and_refused_recipients_are_kept_for_the_next_try(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    store.clock.advance(claimed(store, mail_id).pause)
    store.mails.keep(mail_id, {"b@example.com", "a@example.com"}, {"c@example.com"})
    mail = claimed(store, mail_id)
    assert mail.taken == {"a@example.com", "b@example.com"}
    assert mail.refused == {"c@example.com"}


def test_a_payload_is_read_byte_for_byte(store: Store, account: str) -> None:
    payload = '{"text":"Bäckerei 🥖 \\u0000 \\\\ \\"","n":1e22}'
    assert claimed(store, store.owed_mail(account, payload=payload)).payload == payload


def test_emails_use_the_clock_of_redis(store: Store, account: str) -> None:
    """By default."""
    mails = type(store.mails)(store.redis)
    mail_id = store.owed_mail(account)  # at a time in the past
    assert mails.claim(mail_id) is not None
    assert mails.claim(mail_id) is None


def test_a_try_given_back_is_due_soon_and_does_not_count(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    mail = claimed(store, mail_id)
    store.mails.give_back(mail)
    store.mails.give_back(mail)  # the answer to the first was lost
    assert store.mails.claim(mail_id) is None
    store.clock.advance(GIVEN_BACK_PAUSE_MS / 1000)
    assert list(store.mails.wakeups(10)) == [mail_id]
    assert claimed(store, mail_id).number == 1


def test_a_repeated_or_ended_try_cannot_be_given_back(store: Store, account: str) -> None:
    mail_id = store.owed_mail(account)
    first = claimed(store, mail_id)
    store.clock.advance(first.pause)
    assert claimed(store, mail_id).number == 2
    before = contents(store.redis)
    store.mails.give_back(first)
    assert contents(store.redis) == before
    store.mails.end(mail_id, MailEnding.SENT)
    before = contents(store.redis)
    store.mails.give_back(first)
    assert contents(store.redis) == before
