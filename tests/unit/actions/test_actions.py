"""The catalogue of actions: valid events, and what they lead to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from samples import SAMPLES, sample
from webhooks.actions import CATALOGUE

REQUIRED_OF_A_MESSAGE = {"id": "1", "type": "sent", "senderId": "2", "recipientId": "3"}
SMALLEST: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "scheduled",
        {"id": "1", "status": "success"},
        {"errors": [], "postIds": [], "platforms": [], "mediaUrls": []},
    ),
    ("social", {"type": "link", "platform": "x"}, {"source": "user"}),
    (
        "messages",
        {"subAction": "messageCreated", "platform": "facebook", **REQUIRED_OF_A_MESSAGE},
        {"attachments": []},
    ),
    (
        "messages",
        {"subAction": "messageEdited", "platform": "twitter", **REQUIRED_OF_A_MESSAGE},
        {"attachments": []},
    ),
    ("messages", {"subAction": "messageRead", "platform": "instagram", "mid": "1"}, {}),
    ("messages", {"subAction": "messageRead", "platform": "facebook", "conversationId": "1"}, {}),
    ("messages", {"subAction": "messageRead", "platform": "twitter"}, {}),
    ("messages", {"subAction": "reactionCreated", "platform": "facebook", "mid": "1"}, {}),
    ("messages", {"subAction": "reactionDeleted", "platform": "twitter", "mid": "1"}, {}),
    ("batch", {"url": "https://files.example.com/1.csv"}, {}),
    ("feed", {"feedId": "1", "item": {"title": "New", "link": "https://example.com/new"}}, {}),
]


def check(event: dict[str, Any]) -> dict[str, Any]:
    return CATALOGUE[event["action"]].check(event)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_checked_event_has_the_fields_as_the_producer_wrote_them(name: str) -> None:
    """Only defaults are added: empty arrays, and the source of an unlink."""
    filled_in = {"attachments", "errors", "postIds", "platforms", "mediaUrls", "source"}
    event = sample(name)
    checked = check(event)
    assert {field: checked[field] for field in event} == event
    assert set(checked) - set(event) <= filled_in


@pytest.mark.parametrize(("action", "required", "filled_in"), SMALLEST)
def test_a_minimal_event_gets_the_arrays_that_receivers_index(
    action: str, required: dict[str, Any], filled_in: dict[str, Any]
) -> None:
    """Fields that are not required may be left out; arrays are always present (contract section 4)."""
    event = {"action": action, "refId": "a" * 40, **required}
    assert check(event) == {**event, **filled_in}


@pytest.mark.parametrize("name", SAMPLES)
def test_unknown_fields_pass_through_unchanged(name: str) -> None:
    extra: dict[str, Any] = {
        "x": [1, 2.5, None, {"y": "ü"}],
        "": "",
        "shares": 9_007_199_254_740_993,
        "Type": "other",
    }
    checked = check(sample(name, **extra))
    assert {field: checked[field] for field in extra} == extra


@pytest.mark.parametrize(
    ("name", "outer"),
    [
        ("social-link", "details"),
        ("feed-rss", "item"),
        ("feed-rss", "feed"),
        ("messages-messageCreated", "senderDetails"),
    ],
)
def test_unknown_fields_inside_objects_pass_through_unchanged(name: str, outer: str) -> None:
    event = sample(name)
    event[outer]["extra"] = {"deep": [1]}
    assert check(event)[outer]["extra"] == {"deep": [1]}


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-05T10:00:00Z",
        "2026-01-05T10:00:00.123456Z",
        "2026-01-05T10:00:00+05:30",
        "2026-01-05T10:00",
        "20260105T100000Z",
    ],
)
def test_a_moment_keeps_its_notation(moment: str) -> None:
    event = sample("social-refresh", created=moment, refreshBy=moment)
    assert check(event) == event


def test_a_code_may_be_any_integer() -> None:
    assert check(sample("social-link", code=-5))["code"] == -5


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith("scheduled")])
def test_events_of_all_other_actions_call_webhooks_at_once(name: str) -> None:
    event = check(sample(name))
    action = CATALOGUE[event["action"]]
    assert (action.notifies(event), action.due(event)) == (True, None)


@pytest.mark.parametrize("name", SAMPLES)
def test_only_an_unlink_by_the_system_makes_an_email(name: str) -> None:
    event = check(sample(name))
    assert CATALOGUE[event["action"]].mails(event) is (name == "social-unlink-system")


@pytest.mark.parametrize(("test", "mails"), [(True, False), (False, True), ("true", True)])
def test_a_test_event_makes_no_email(*, test: object, mails: bool) -> None:
    event = check(sample("social-unlink-system", test=test))
    assert CATALOGUE["social"].mails(event) is mails


@pytest.mark.parametrize("type_", ["link", "unlink", "refresh"])
def test_a_social_event_without_a_source_makes_no_email(type_: str) -> None:
    """The default source is the user."""
    event = check({"action": "social", "refId": "a" * 40, "type": type_, "platform": "instagram"})
    assert CATALOGUE["social"].mails(event) is False


@pytest.mark.parametrize(
    ("fields", "notifies"),
    [
        ({}, False),
        ({"scheduleDate": "2026-01-05T10:00:00Z"}, True),
        ({"subAction": "tikTokPublished"}, True),
        ({"subAction": "tikTokPublished", "scheduleDate": "2026-01-05T10:00:00Z"}, True),
    ],
)
def test_only_scheduled_posts_and_later_tiktok_publications_call_webhooks(
    fields: dict[str, str], notifies: bool
) -> None:
    event = {"action": "scheduled", "refId": "a" * 40, "id": "1", "status": "success", **fields}
    assert CATALOGUE["scheduled"].notifies(check(event)) is notifies


@pytest.mark.parametrize(
    ("date", "due"),
    [
        ("2026-01-05T10:15:00Z", datetime(2026, 1, 5, 10, 15, tzinfo=UTC)),
        ("2026-01-05T10:15:00.250Z", datetime(2026, 1, 5, 10, 15, 0, 250_000, tzinfo=UTC)),
        ("2026-01-05T10:15:00+05:30", datetime(2026, 1, 5, 4, 45, tzinfo=UTC)),
        ("2026-01-05T23:15:00-05:00", datetime(2026, 1, 6, 4, 15, tzinfo=UTC)),
        ("2026-01-05T10:15", datetime(2026, 1, 5, 10, 15, tzinfo=UTC)),
    ],
)
def test_a_scheduled_post_is_due_at_its_date(date: str, due: datetime) -> None:
    """A date without an offset is in UTC."""
    assert CATALOGUE["scheduled"].due(check(sample("scheduled-success", scheduleDate=date))) == due


def test_a_post_published_by_tiktok_is_due_at_once() -> None:
    assert CATALOGUE["scheduled"].due(check(sample("scheduled-tikTokPublished"))) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.com/a.csv?X-Amz-Signature=0f%2F4c&x=1#part",
        "HTTPS://files.example.com/a.csv",
        "https://files.example.com:9443/a.csv",
        "https://s3.eu-central-1.amazonaws.com/bucket/a%20b.csv",
        "https://192.0.2.7/a.csv",
        "https://localhost:9000/bucket/a.csv",
        "https://[2606:4700::1111]/a.csv",
        "https://minio:9000/bucket/a.csv",
    ],
)
def test_any_https_url_of_a_batch_file_is_kept(url: str) -> None:
    assert check(sample("batch-users", url=url))["url"] == url
