"""`/api/hook/recover`: redelivers many deliveries and shows the progress."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer, error
from doubles import PublishedRecoveries, RecordedIds
from stores import Store
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.store.connection import Client
from webhooks.store.redeliveries import MAX_RECOVERIES

PATH = "/api/hook/recover"
SINCE = {"since": "2026-01-05T00:00:00Z"}


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The store of the API."""
    return Store(fake_redis)


@pytest.fixture
def worker(store: Store, publish_ids: RecordedIds, recoveries: PublishedRecoveries) -> RecoveryRunner:
    """Does what a worker does with the published recoveries."""
    return RecoveryRunner(store.records, store.recoveries, store.accounts, publish_ids, recoveries)


def test_a_recovery_starts_at_once_and_runs_in_the_background(
    customer: Customer,
    store: Store,
    worker: RecoveryRunner,
    publish_ids: RecordedIds,
    recoveries: PublishedRecoveries,
) -> None:
    customer.register("social")
    ids = [store.ended(customer.ref_id) for _ in range(3)]
    answer = customer.call("POST", PATH, json=SINCE)
    assert answer.status == 202
    begun = answer.json
    running = {"state": "running", "total": None, "done": 0, "failed": 0, "percent": 0}
    assert begun == {"status": "success", "id": begun["id"], **running}
    assert recoveries.published == [(begun["id"], 0)]
    assert customer.call("GET", f"{PATH}/{begun['id']}").json == begun
    assert publish_ids.published == []

    worker.make_steps(*recoveries.published.pop())

    shown = customer.call("GET", f"{PATH}/{begun['id']}")
    assert shown.status == 200
    assert shown.json == begun | {"state": "finished", "total": 3, "done": 3, "percent": 100}
    assert publish_ids.hook_ids == ids


@pytest.mark.parametrize("left_out", [{}, {"until": None, "action": None, "state": None}])
def test_by_default_a_recovery_redelivers_all_exhausted_deliveries(
    customer: Customer,
    store: Store,
    worker: RecoveryRunner,
    publish_ids: RecordedIds,
    recoveries: PublishedRecoveries,
    left_out: dict[str, None],
) -> None:
    for action in ("social", "feed"):
        customer.register(action)
    ids = [store.ended(customer.ref_id), store.ended(customer.add_profile().ref_id, action="feed")]
    customer.call("POST", PATH, json={**SINCE, **left_out})
    worker.make_steps(*recoveries.published.pop())
    assert publish_ids.hook_ids == ids


def test_a_recovery_with_a_profile_key_is_limited_to_that_profile(
    customer: Customer,
    store: Store,
    worker: RecoveryRunner,
    publish_ids: RecordedIds,
    recoveries: PublishedRecoveries,
) -> None:
    customer.register("social")
    shop = customer.add_profile()
    _, of_shop = store.ended(customer.ref_id), store.ended(shop.ref_id)
    recovery_id = shop.call("POST", PATH, json=SINCE).json["id"]
    worker.make_steps(*recoveries.published.pop())
    assert publish_ids.hook_ids == [of_shop]
    assert customer.call("GET", f"{PATH}/{recovery_id}").json["done"] == 1


def test_a_recovery_with_a_ref_id_is_limited_to_that_profile(
    customer: Customer,
    store: Store,
    worker: RecoveryRunner,
    publish_ids: RecordedIds,
    recoveries: PublishedRecoveries,
) -> None:
    customer.register("social")
    shop, other = customer.add_profile(), customer.add_profile()
    _, of_shop, _ = (store.ended(profile.ref_id) for profile in (customer, shop, other))
    assert customer.call("POST", PATH, json={**SINCE, "refId": shop.ref_id}).status == 202
    worker.make_steps(*recoveries.published.pop())
    assert publish_ids.hook_ids == [of_shop]


@pytest.mark.parametrize("ref_id", ["a" * 40, "no refId", 7, ""])
def test_a_recovery_with_a_foreign_ref_id_is_refused(
    customer: Customer, recoveries: PublishedRecoveries, ref_id: object
) -> None:
    answer = customer.call("POST", PATH, json={**SINCE, "refId": ref_id})
    assert (answer.status, answer.json["code"], list(answer.json["errors"])) == (400, 101, ["refId"])
    assert recoveries.published == []


def test_a_recovery_with_a_foreign_ref_id_redelivers_nothing(
    api: Api, customer: Customer, recoveries: PublishedRecoveries
) -> None:
    """The refId of another account is unknown, and a Profile-Key reaches only its own profile."""
    shop, stranger = customer.add_profile(), api.open_account()
    for caller, other in ((customer, stranger), (shop, customer), (shop, customer.add_profile())):
        answer = caller.call("POST", PATH, json={**SINCE, "refId": other.ref_id})
        assert (answer.status, list(answer.json["errors"])) == (400, ["refId"])
    assert recoveries.published == []


def test_the_recovery_of_another_account_is_unknown(api: Api, customer: Customer) -> None:
    recovery_id = customer.call("POST", PATH, json=SINCE).json["id"]
    stranger = api.open_account()
    for asked in (recovery_id, "neverHeardOf"):
        answer = stranger.call("GET", f"{PATH}/{asked}")
        assert answer.status == 404
        assert answer.json == error("recover", 404, "No recovery has this id.")


def test_a_recovery_beyond_the_maximum_is_refused(customer: Customer) -> None:
    for _ in range(MAX_RECOVERIES):
        assert customer.call("POST", PATH, json=SINCE).status == 202
    answer = customer.call("POST", PATH, json=SINCE)
    assert answer.status == 409
    message = (
        f"{MAX_RECOVERIES} recoveries of this account are running. Begin another when one of them has finished."
    )
    assert answer.json == error("recover", 409, message)
