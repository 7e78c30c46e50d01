"""`/api/hook/deliveries`: what happened to a delivery, with every attempt."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer, error
from doubles import OK, REFUSED
from samples import sample
from stores import Store
from webhooks.deliveries import Attempt, Detail, Outcome, State
from webhooks.ledger import Entry
from webhooks.store.connection import Client

PATH = "/api/hook/deliveries"


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The same Redis as the API's, at five past ten on 5 January 2026."""
    store = Store(fake_redis)
    store.clock.advance(300.004)
    return store


@pytest.fixture
def hook_id(customer: Customer, store: Store) -> str:
    customer.register("social")
    return store.owed(customer.ref_id)


def test_a_delivery_is_shown_with_its_attempts(customer: Customer, store: Store, hook_id: str) -> None:
    first = store.claim(hook_id)
    store.clock.advance(1)
    store.ledger.record(
        [Entry(first, State.RETRYING, Attempt(1, first.claimed, retry=False, outcome=REFUSED), delay=5)]
    )
    answer = customer.call("GET", f"{PATH}/{hook_id}")
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "hookId": hook_id,
        "action": "social",
        "refId": customer.ref_id,
        "state": "retrying",
        "created": "2026-01-05T10:05:00.004Z",
        "due": "2026-01-05T10:05:06.004Z",
        "attempts": [
            {
                "attempt": 1,
                "at": "2026-01-05T10:05:00.004Z",
                "retry": False,
                "status": 500,
                "error": None,
                "detail": None,
                "ms": 34,
                "body": "",
            }
        ],
    }


def test_an_ended_delivery_is_no_longer_due(customer: Customer, store: Store, hook_id: str) -> None:
    claim = store.claim(hook_id)
    store.ledger.record([Entry(claim, State.DELIVERED, Attempt(1, claim.claimed, retry=False, outcome=OK))])
    shown = customer.call("GET", f"{PATH}/{hook_id}").json
    assert (shown["state"], shown["due"], len(shown["attempts"])) == ("delivered", None, 1)


def test_an_interrupted_attempt_is_shown_as_such(customer: Customer, store: Store, hook_id: str) -> None:
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    store.claim(hook_id)
    (attempt,) = customer.call("GET", f"{PATH}/{hook_id}").json["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "interrupted")


def test_an_event_that_was_handed_in_can_be_looked_up_at_once(api: Api, customer: Customer) -> None:
    customer.register("social")
    shop = customer.add_profile()
    hook_id = api.send(sample("social-link", shop.ref_id)).json["hookId"]
    for caller in (customer, shop):
        shown = caller.call("GET", f"{PATH}/{hook_id}").json
        assert (shown["state"], shown["refId"], shown["attempts"]) == ("queued", shop.ref_id, [])


def test_another_accounts_delivery_is_as_unknown_as_none(api: Api, hook_id: str) -> None:
    """Its existence is not told."""
    stranger = api.open_account()
    for path in (f"{PATH}/{hook_id}", f"{PATH}/neverHeardOf"):
        answer = stranger.call("GET", path)
        assert answer.status == 404
        assert answer.json == error("deliveries", 404, "No delivery has this hookId.")


def test_what_the_receiver_answered_is_shown_as_text(customer: Customer, store: Store, hook_id: str) -> None:
    """And what was wrong with it; that of a success, too."""
    claim = store.claim(hook_id)
    outcome = Outcome(200, None, 34, Detail.BODY_RESET, "Zoë: \u2028".encode() + b"\xff")
    store.ledger.record([Entry(claim, State.DELIVERED, Attempt(1, claim.claimed, retry=False, outcome=outcome))])
    (attempt,) = customer.call("GET", f"{PATH}/{hook_id}").json["attempts"]
    assert (attempt["status"], attempt["error"], attempt["detail"]) == (200, None, "body_reset")
    assert attempt["body"] == "Zoë: \u2028\ufffd"
