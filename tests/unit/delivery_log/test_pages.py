"""Pages of the delivery log: filtered, each with a bounded amount of work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from doubles import OK, REFUSED, UNREACHABLE
from stores import Store
from webhooks.deliveries.delivery import Delivery, State
from webhooks.delivery_log.entries import DeliveryRecord, LogFilter, Span, StatusClass
from webhooks.delivery_log.log import MAX_CHARACTERS, MAX_SEARCHES, DeliveryLog, Page
from webhooks.delivery_log.search import MAX_READ
from webhooks.http.call import Failure, Outcome
from webhooks.store.connection import moment
from webhooks.store.records import RedisRecords

ALL = LogFilter()


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/", feed="https://hooks.example/")


@pytest.fixture
def delivery_log(store: Store) -> DeliveryLog:
    return DeliveryLog(store.records, store.accounts)


def pages(delivery_log: DeliveryLog, span: Span, log_filter: LogFilter = ALL, limit: int = 100) -> Iterator[Page]:
    """Give all pages by following the cursors."""
    page = delivery_log.page(span, log_filter, limit)
    yield page
    while page.end is not None:
        page = delivery_log.page(span, log_filter, limit, page.end)
        yield page


def hook_ids(found: Sequence[Delivery]) -> list[str]:
    return [delivery.hook_id for delivery in found]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 100])
def test_the_pages_have_each_delivery_once_the_newest_first(
    delivery_log: DeliveryLog, store: Store, profile: str, limit: int
) -> None:
    ids = [store.owed(profile) for _ in range(3)]
    store.clock.advance(1)
    ids += [store.ended(profile), store.owed(profile), store.ended(profile)]
    found = list(pages(delivery_log, Span(profile), limit=limit))
    assert [one for page in found for one in hook_ids(page.deliveries)] == ids[::-1]
    assert all(len(page.deliveries) == limit for page in found[:-1])


def test_a_full_last_page_has_no_cursor(delivery_log: DeliveryLog, store: Store, profile: str) -> None:
    for _ in range(MAX_READ):
        store.owed(profile)
    assert delivery_log.page(Span(profile), ALL, MAX_READ).end is None
    assert delivery_log.page(Span(profile), ALL, MAX_READ - 1).end is not None


def test_a_delivery_that_is_accepted_between_two_pages_is_on_neither(
    delivery_log: DeliveryLog, store: Store, profile: str
) -> None:
    older = [store.owed(profile) for _ in range(2)]
    first = delivery_log.page(Span(profile), ALL, 1)
    store.owed(profile)
    second = delivery_log.page(Span(profile), ALL, 100, first.end)
    assert hook_ids([*first.deliveries, *second.deliveries]) == older[::-1]


def test_a_page_is_short_when_a_search_reaches_its_maximum_of_steps(
    delivery_log: DeliveryLog, store: Store, profile: str
) -> None:
    """It has a cursor for the next page."""
    exhausted = store.ended(profile)
    for _ in range(MAX_SEARCHES * MAX_READ):
        store.owed(profile)
    first, second = pages(delivery_log, Span(profile), LogFilter(state=State.EXHAUSTED), limit=1)
    assert (first.deliveries, hook_ids(second.deliveries)) == ([], [exhausted])


def test_a_page_is_short_when_a_search_reaches_its_maximum_of_characters(
    delivery_log: DeliveryLog, store: Store, profile: str
) -> None:
    exhausted = store.ended(profile)
    for _ in range(2 * MAX_READ):
        store.owed(profile, payload=json.dumps({"message": "x" * (MAX_CHARACTERS // MAX_READ)}))
    first, *_, last = pages(delivery_log, Span(profile), LogFilter(state=State.EXHAUSTED), limit=1)
    assert (first.deliveries, hook_ids(last.deliveries)) == ([], [exhausted])


def test_a_rare_action_is_found_without_reading_other_records(store: Store, profile: str) -> None:
    """The list itself has the actions."""
    read: list[str] = []

    class Reading(RedisRecords):
        def read(self, hook_ids: Sequence[str]) -> list[DeliveryRecord | None]:
            read.extend(hook_ids)
            return super().read(hook_ids)

    rare = store.owed(profile, action="feed")
    for _ in range(3 * MAX_READ):
        store.owed(profile)
    page = DeliveryLog(Reading(store.redis), store.accounts).page(Span(profile), LogFilter("feed"), 1)
    assert (hook_ids(page.deliveries), read) == ([rare], [rare])


def test_a_common_action_is_read_in_bounded_steps(delivery_log: DeliveryLog, store: Store, profile: str) -> None:
    ids = [store.owed(profile, action=action) for _ in range(2 * MAX_READ) for action in ("social", "feed")]
    found = [
        one for page in pages(delivery_log, Span(profile), LogFilter("feed")) for one in hook_ids(page.deliveries)
    ]
    assert found == ids[1::2][::-1]


def test_an_expired_delivery_is_left_out(delivery_log: DeliveryLog, store: Store, profile: str) -> None:
    expired, kept = store.ended(profile), store.ended(profile)
    store.redis.delete(f"ended:{expired}")
    assert hook_ids(delivery_log.page(Span(profile), ALL, 100).deliveries) == [kept]


def test_a_delivery_is_found_if_it_matches_all_filters(
    delivery_log: DeliveryLog, store: Store, profile: str
) -> None:
    times = [moment(store.clock())]
    ids = {}
    for name, action, state, outcome in (
        ("delivered", "social", State.DELIVERED, OK),
        ("refused", "social", State.EXHAUSTED, REFUSED),
        ("unreachable", "feed", State.EXHAUSTED, UNREACHABLE),
        ("redirected", "feed", State.EXHAUSTED, Outcome(302, None, 1)),
        ("late", "social", State.EXHAUSTED, Outcome(503, Failure.TIMEOUT, 1)),
        ("odd", "social", State.EXHAUSTED, Outcome(999, None, 1)),
        ("not found", "social", State.EXHAUSTED, Outcome(404, None, 1)),
    ):
        ids[store.ended(profile, state, outcome, action=action)] = name
        store.clock.advance(60)
        times.append(moment(store.clock()))
    ids[store.owed(profile)] = "owed"

    def names(log_filter: LogFilter, **span: object) -> set[str]:
        found = delivery_log.page(Span(profile, **span), log_filter, 100).deliveries  # type: ignore[arg-type]
        return {ids[delivery.hook_id] for delivery in found}

    assert names(LogFilter("feed")) == {"unreachable", "redirected"}
    assert names(LogFilter(state=State.DELIVERED)) == {"delivered"}
    assert names(LogFilter(state=State.QUEUED)) == {"owed"}
    assert {status_class: names(LogFilter(status_class=status_class)) for status_class in StatusClass} == {
        "2xx": {"delivered"},
        "3xx": {"redirected"},
        "4xx": {"not found"},
        "5xx": {"refused", "late"},
        "none": {"unreachable", "owed"},
    }
    assert names(LogFilter("feed", State.EXHAUSTED, StatusClass.NONE)) == {"unreachable"}
    assert names(LogFilter("feed"), since=times[3], until=times[3] + timedelta(seconds=1)) == {"redirected"}
    assert names(ALL, until=times[1]) == {"delivered"}
