"""Payloads: the receiver gets the event with the fields that Ringback adds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from webhooks.deliveries.payload import body_of, payload_of

URL = "https://hooks.example/ringback"
NOW = datetime(2026, 1, 5, 10, 0, 0, tzinfo=UTC)
EVENT = {"action": "social", "refId": "a" * 40, "type": "link", "platform": "x"}


def sent(event: dict[str, Any], *, keeps_url: bool = False) -> list[tuple[str, Any]]:
    """Return the fields of the body in order, as a JSON parser would keep only the last of two equal names."""
    payload = payload_of(event, "aB3dE6gH9jK2mN5pQ8sT", NOW, keeps_url=keeps_url)
    body = body_of(payload, 'Zoë\'s "shop"', retry=True, url=None if keeps_url else URL)
    pairs: list[tuple[str, Any]] = json.loads(body, object_pairs_hook=list)
    return pairs


def test_the_body_is_the_event_with_the_added_fields() -> None:
    added = {"created": "2026-01-05T10:00:00Z", "code": 200, "hookId": "aB3dE6gH9jK2mN5pQ8sT"}
    of_the_attempt = {"title": 'Zoë\'s "shop"', "retry": True, "url": URL}
    assert sent(EVENT) == list({**EVENT, **added, **of_the_attempt}.items())


@pytest.mark.parametrize("field", ["title", "retry", "url", "hookId"])
def test_a_producer_cannot_set_the_added_fields(field: str) -> None:
    fields = sent({**EVENT, field: "forged"})
    assert sorted(fields) == sorted(sent(EVENT))


def test_fields_of_inner_objects_are_not_changed() -> None:
    inner = {"url": "https://files.example/", "title": "x", "retry": 7}
    assert ("details", list(inner.items())) in sent({**EVENT, "details": inner})


def test_the_url_of_a_batch_is_that_of_its_file() -> None:
    file = "https://files.example/1.csv"
    assert [value for name, value in sent({**EVENT, "url": file}, keeps_url=True) if name == "url"] == [file]
