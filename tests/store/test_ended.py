"""An ended delivery is kept completely and in little memory."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from doubles import OK, REFUSED
from store.conftest import ON_A_REAL_ONE
from stores import HISTORY, Store
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.http.call import Outcome, Phases
from webhooks.store.connection import Client
from webhooks.store.ended import Ended, packed, unpacked
from webhooks.store.ledger import RedisLedger

#: Bytes of Redis for an ended delivery of an event of 500 bytes, without its entries in two lists.
MAX_BYTES = 500

#: An ended delivery as the first version of this form packed it.
PACKED = (
    "433239914800b438894800544aa4a18940a551f98757ab172b1467e417e0f31cdc37a0f415831e7b86e666e66606e6c0"
    "f007028cc8ab558a8d0500"
)


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def ended(claim: Claim, state: State = State.DELIVERED) -> Entry:
    return Entry(claim, state, Attempt(claim.number, claim.began, claim.retry, OK))


def test_an_ended_delivery_is_read_as_it_was(store: Store, profile: str) -> None:
    hook_id = store.owed(store.profile(profile))
    before = store.delivery(hook_id)
    claim = store.claim(hook_id)
    failed = Attempt(1, claim.began, retry=False, outcome=REFUSED)
    store.record([Entry(claim, State.RETRYING, failed, delay=5)])
    store.clock.advance(5)
    claim = store.claim(hook_id)
    assert claim.attempts == (failed,)

    store.record([ended(claim)])

    delivered = Attempt(2, claim.began, retry=True, outcome=OK)
    assert store.delivery(hook_id) == replace(
        before, state=State.DELIVERED, due=None, attempts=(failed, delivered)
    )


def test_an_ended_delivery_leaves_no_other_keys(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.record([ended(store.claim(hook_id))])
    assert [key for key in store.redis.scan_iter() if hook_id in key] == [f"ended:{hook_id}"]
    assert store.redis.zcard("alarms") == 0


def test_ends_within_one_second_are_all_kept(redis: Client) -> None:
    """A lifetime of zero is an error in Redis."""
    store = Store(redis)
    store.ledger = RedisLedger(redis, timedelta(seconds=0.1), store.clock)
    hook_id = store.owed(store.account(social="https://hooks.example/"))
    assert store.record([ended(store.claim(hook_id))]) == [True]
    assert store.delivery(hook_id).state is State.DELIVERED


def test_a_history_may_begin_before_1970(redis: Client) -> None:
    """`WEBHOOKS_HISTORY_DAYS` may be a hundred years."""
    store = Store(redis)
    store.ledger = RedisLedger(redis, timedelta(days=36_500), store.clock)
    hook_id = store.owed(store.account(social="https://hooks.example/"))
    assert store.record([ended(store.claim(hook_id))]) == [True]


def test_a_delivery_ends_only_once(store: Store, profile: str) -> None:
    """A caller that missed the answer asks again, and gets the same answer; no other caller does."""
    claim = store.claim(store.owed(profile))
    store.record([ended(claim)])
    assert store.record([ended(claim, State.EXHAUSTED)]) == [True]
    assert store.delivery(claim.hook_id).state is State.DELIVERED
    assert store.record([ended(replace(claim, token="0" * 16))]) == [False]
    assert store.claims([claim.hook_id]).claims == []


def test_older_packed_forms_can_be_read() -> None:
    """It is kept for months, and newer versions have to read it."""
    ended = Ended(
        action="social",
        profile="a" * 40,
        account="b" * 40,
        owner="a" * 40,
        title="Zoë's shop",
        payload='{"action":"social","type":"link"}',
        state="delivered",
        created=1_767_607_200_000,
        log=['{"attempt":1}'],
    )
    assert unpacked(bytes.fromhex(PACKED)) == ended
    assert unpacked(packed(ended)) == ended


@pytest.mark.parametrize("platform", [None, "twitter"])
def test_an_ended_delivery_keeps_its_platform(store: Store, profile: str, platform: str | None) -> None:
    """From the packed form, and from the hash of a delivery that was interrupted too often."""
    ended, parked = store.ended(profile, platform=platform), store.owed(profile, platform=platform)
    store.interrupt_until_exhausted(parked)
    assert {store.record_of(hook_id).platform for hook_id in (ended, parked)} == {platform}


def test_an_ended_delivery_takes_little_memory(real_redis: Client) -> None:
    """As a real server reports; fakeredis does not know."""
    store = Store(real_redis)
    profile = store.account(social="https://hooks.example/")
    message = "The permission for Instagram runs out soon, as the password of the linked account was changed. " * 4
    hook_id = store.owed(profile, payload=json.dumps({"action": "social", "refId": profile, "message": message}))
    outcome = Outcome(200, None, 137, body=b"ok", phases=Phases(3, 21, 45, 66))
    store.end(hook_id, State.DELIVERED, outcome)
    assert store.redis.memory_usage(f"ended:{hook_id}") <= MAX_BYTES


def test_accounts_and_profiles_have_lists_of_their_deliveries(store: Store, profile: str) -> None:
    shop = store.profile(profile)
    first, second = store.owed(profile), store.owed(shop)
    assert listed(store, f"deliveries:{profile}") == [first, second]
    assert listed(store, f"deliveriesOf:{profile}") == [first]
    assert listed(store, f"deliveriesOf:{shop}") == [second]


def test_a_list_stays_in_order_when_the_clock_is_set_back(store: Store, profile: str) -> None:
    first = store.owed(profile)
    store.clock.advance(-3600)
    second = store.owed(profile)
    assert listed(store, f"deliveriesOf:{profile}") == [first, second]


@ON_A_REAL_ONE
def test_a_list_is_trimmed_as_it_grows_and_expires(store: Store, profile: str) -> None:
    """In nodes of a hundred entries, as that is quick for a server."""
    for _ in range(300):
        store.owed(profile)
    store.clock.advance(HISTORY.total_seconds() + 1)
    last = store.owed(profile)
    left = listed(store, f"deliveriesOf:{profile}")
    assert len(left) <= 101
    assert left[-1] == last
    assert 0 < store.redis.ttl(f"deliveriesOf:{profile}") <= HISTORY.total_seconds()


def listed(store: Store, key: str) -> list[str]:
    return [entry["hookId"] for _, entry in store.redis.xrange(key)]
