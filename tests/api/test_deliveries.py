"""`/api/hook/deliveries`: the delivery log with every attempt."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer, error
from doubles import OK, REFUSED, RecordedIds
from samples import sample
from stores import Store
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.http.call import Detail, Failure, Outcome, Phases
from webhooks.store.connection import Client

PATH = "/api/hook/deliveries"


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The store of the API, at five past ten on 5 January 2026."""
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
        [Entry(first, State.RETRYING, Attempt(1, first.began, retry=False, outcome=REFUSED), delay=5)]
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
                "phases": {"dns": None, "connect": None, "tls": None, "firstByte": None},
                "body": "",
            }
        ],
    }


def test_an_ended_delivery_is_no_longer_due(customer: Customer, store: Store, hook_id: str) -> None:
    claim = store.claim(hook_id)
    store.ledger.record([Entry(claim, State.DELIVERED, Attempt(1, claim.began, retry=False, outcome=OK))])
    shown = customer.call("GET", f"{PATH}/{hook_id}").json
    assert (shown["state"], shown["due"], len(shown["attempts"])) == ("delivered", None, 1)


def test_an_interrupted_attempt_is_shown_as_such(customer: Customer, store: Store, hook_id: str) -> None:
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    store.claim(hook_id)
    (attempt,) = customer.call("GET", f"{PATH}/{hook_id}").json["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "interrupted")


def test_an_accepted_event_can_be_looked_up_at_once(api: Api, customer: Customer) -> None:
    customer.register("social")
    shop = customer.add_profile()
    hook_id = api.send(sample("social-link", shop.ref_id)).json["hookId"]
    for caller in (customer, shop):
        shown = caller.call("GET", f"{PATH}/{hook_id}").json
        assert (shown["state"], shown["refId"], shown["attempts"]) == ("queued", shop.ref_id, [])


def test_the_delivery_of_another_account_is_unknown(api: Api, hook_id: str) -> None:
    """The answer does not say that it exists."""
    stranger = api.open_account()
    for path in (f"{PATH}/{hook_id}", f"{PATH}/neverHeardOf"):
        answer = stranger.call("GET", path)
        assert answer.status == 404
        assert answer.json == error("deliveries", 404, "No delivery has this hookId.")


def test_the_answer_of_the_receiver_is_shown_as_text(customer: Customer, store: Store, hook_id: str) -> None:
    """That of a failure and that of a success."""
    claim = store.claim(hook_id)
    outcome = Outcome(200, None, 34, Detail.BODY_RESET, "Zoë: \u2028".encode() + b"\xff")
    store.ledger.record([Entry(claim, State.DELIVERED, Attempt(1, claim.began, retry=False, outcome=outcome))])
    (attempt,) = customer.call("GET", f"{PATH}/{hook_id}").json["attempts"]
    assert (attempt["status"], attempt["error"], attempt["detail"]) == (200, None, "body_reset")
    assert attempt["body"] == "Zoë: \u2028\ufffd"


def test_an_attempt_is_shown_with_the_duration_of_each_phase(
    customer: Customer, store: Store, hook_id: str
) -> None:
    store.end(hook_id, State.DELIVERED, Outcome(200, None, 95, phases=Phases(3, 20, 30, 42)))
    (attempt,) = customer.call("GET", f"{PATH}/{hook_id}").json["attempts"]
    assert attempt["phases"] == {"dns": 3, "connect": 20, "tls": 30, "firstByte": 42}


def test_the_list_shows_the_state_of_each_delivery(customer: Customer, store: Store, hook_id: str) -> None:
    """The newest comes first."""
    store.clock.advance(60)
    failed = store.ended(customer.ref_id, outcome=Outcome(503, Failure.TIMEOUT, 10_000))
    answer = customer.call("GET", PATH)
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "deliveries": [
            {
                "hookId": failed,
                "action": "social",
                "refId": customer.ref_id,
                "state": "exhausted",
                "created": "2026-01-05T10:06:00.004Z",
                "due": None,
                "attempts": 1,
                "lastStatus": 503,
                "lastError": "timeout",
                "lastAttempt": "2026-01-05T10:06:00.004Z",
            },
            {
                "hookId": hook_id,
                "action": "social",
                "refId": customer.ref_id,
                "state": "queued",
                "created": "2026-01-05T10:05:00.004Z",
                "due": "2026-01-05T10:05:00.004Z",
                "attempts": 0,
                "lastStatus": None,
                "lastError": None,
                "lastAttempt": None,
            },
        ],
        "cursor": None,
    }


def test_the_list_comes_in_pages(customer: Customer, store: Store) -> None:
    """A page has fifty, unless a limit is given; the cursor alone selects the next page."""
    customer.register("social")
    ids = [store.owed(customer.ref_id) for _ in range(52)]
    answer = customer.call("GET", PATH).json
    assert [shown["hookId"] for shown in answer["deliveries"]] == ids[:1:-1]
    rest = customer.call("GET", f"{PATH}?limit=1&cursor={answer['cursor']}").json
    assert [shown["hookId"] for shown in rest["deliveries"]] == [ids[1]]
    last = customer.call("GET", f"{PATH}?limit=100&cursor={rest['cursor']}").json
    assert [shown["hookId"] for shown in last["deliveries"]] == [ids[0]]
    assert last["cursor"] is None


def test_the_list_can_be_filtered(customer: Customer, store: Store) -> None:
    for action in ("social", "feed"):
        customer.register(action)
    shop = customer.add_profile()
    hook_ids = {
        "social": store.ended(customer.ref_id, State.DELIVERED, OK),
        "feed": store.ended(customer.ref_id, action="feed"),
        "shop": store.ended(shop.ref_id, State.CANCELED),
    }
    store.clock.advance(60)
    hook_ids["late"] = store.owed(customer.ref_id)

    def listed(query: str) -> set[str]:
        found = customer.call("GET", f"{PATH}?{query}").json["deliveries"]
        return {name for name, hook_id in hook_ids.items() if hook_id in {shown["hookId"] for shown in found}}

    assert listed("action=feed") == {"feed"}
    assert listed("state=delivered") == {"social"}
    assert listed(f"refId={shop.ref_id}") == {"shop"}
    assert listed(f"refId={customer.ref_id}") == {"social", "feed", "late"}
    assert listed("statusClass=2xx") == {"social"}
    assert listed("statusClass=none") == {"late"}
    assert listed("since=2026-01-05T10:06:00Z") == {"late"}
    assert listed("since=2026-01-05T11:06:00%2B01:00") == {"late"}
    assert listed("until=2026-01-05T10:06:00") == {"social", "feed", "shop"}
    assert listed("until=2026-01-05") == set()
    assert listed("state=exhausted&action=feed&statusClass=5xx&since=2026-01-05&until=2026-01-06") == {"feed"}


def test_an_ended_delivery_is_redelivered(
    customer: Customer, store: Store, hook_id: str, publish_ids: RecordedIds
) -> None:
    store.end(hook_id)
    answer = customer.call("POST", f"{PATH}/{hook_id}/resend")
    assert answer.status == 202
    assert answer.json == {
        "status": "success",
        "hookId": hook_id,
        "action": "social",
        "refId": customer.ref_id,
        "state": "queued",
    }
    assert publish_ids.published == [([hook_id], 0.0)]
    shown = customer.call("GET", f"{PATH}/{hook_id}").json
    assert (shown["state"], len(shown["attempts"])) == ("queued", 1)


def test_the_reason_against_a_redelivery_is_reported(customer: Customer, store: Store, hook_id: str) -> None:
    path = f"{PATH}/{hook_id}/resend"
    owed = "This delivery has not ended: it is owed an attempt. It can be sent again when it has ended."
    assert customer.call("POST", path).json == error("deliveries", 409, owed)
    store.end(hook_id)
    customer.call("DELETE", "/api/hook/webhook", json={"action": "social"})
    answer = customer.call("POST", path)
    assert answer.status == 404
    assert answer.json == error("deliveries", 404, "No webhook is registered for this action.")
