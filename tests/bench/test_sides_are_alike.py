"""The product, the baseline and the limit get the same work, and cause the same work at the receiver."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from harness.bench.baseline.schema import SocialEvent
from harness.bench.baseline.signing import signed_headers
from harness.bench.events import SECRET, compact, delivered, event, requests_for
from samples import REF_ID, SAMPLES, sample
from webhooks.accounts.plans import Subscription
from webhooks.actions import CATALOGUE
from webhooks.deliveries.claim import Claim
from webhooks.deliveries.prepare import call_for
from webhooks.http.call import Call
from webhooks.http.destinations import read_url

HOOK_ID = "UnkDyGjTnc0DLyov7Eey"
URL = "https://127.0.0.1:12345/ok"
SOCIAL = [name for name in SAMPLES if name.startswith("social")]


@pytest.fixture
def call() -> Call:
    """The call that the product makes for an event."""
    payload = {**event(REF_ID), "created": "2026-01-05T01:18:47Z", "code": 200, "hookId": HOOK_ID}
    claim = Claim(
        hook_id=HOOK_ID,
        token="",
        number=1,
        retry=False,
        began=datetime(2026, 1, 5, 1, 18, 47, tzinfo=UTC),
        action="social",
        profile=REF_ID,
        account=REF_ID,
        owner=REF_ID,
        title="Bench",
        payload=compact(payload),
        destination=None,
        sealed_secrets=(),
        platform=None,
        subscription=Subscription("business"),
        created=datetime(2026, 1, 5, 1, 18, 47, tzinfo=UTC),
    )
    return call_for(claim, read_url(URL), [SECRET])


def test_an_event_is_valid_and_about_500_bytes_long() -> None:
    assert CATALOGUE["social"].check(event(REF_ID))
    assert len(compact(event(REF_ID)).encode()) == pytest.approx(500, abs=50)


def test_the_limit_posts_the_body_that_the_product_posts(call: Call) -> None:
    ours, limit = json.loads(call.body), json.loads(delivered(HOOK_ID, URL))
    assert limit == {**ours, "refId": limit["refId"]}
    assert len(delivered(HOOK_ID, URL).encode()) == len(call.body)


def test_the_baseline_and_the_limit_send_the_headers_that_the_product_sends(call: Call) -> None:
    timestamp = int(call.headers["webhook-timestamp"])
    assert signed_headers(HOOK_ID, 1, call.body, SECRET.encode(), timestamp) == call.headers


def test_requests_use_each_profile_in_turn() -> None:
    bodies = [json.loads(body) for body in requests_for(["a", "b", "c"], batch=2)]
    sent = [one["refId"] for body in bodies for one in body["events"]]
    assert sent == ["a", "b", "c", "a", "b", "c"]


def test_a_request_with_one_event_has_no_list() -> None:
    assert [json.loads(body) for body in requests_for(["a", "b"], batch=1)] == [event("a"), event("b")]


@pytest.mark.parametrize("name", SOCIAL)
def test_the_baseline_accepts_the_samples_of_its_action(name: str) -> None:
    assert SocialEvent().validate(sample(name)) == {}


def test_the_baseline_accepts_the_event_of_the_bench() -> None:
    assert SocialEvent().validate(event(REF_ID)) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", "feed"),
        ("refId", "nobody"),
        ("type", "melt"),
        ("platform", ""),
        ("source", "elsewhere"),
        ("displayName", 7),
        ("details", {"code": "190"}),
        ("refreshBy", "soon"),
    ],
)
def test_the_baseline_refuses_what_is_malformed(field: str, value: object) -> None:
    assert set(SocialEvent().validate({**event(REF_ID), field: value})) == {field}


@pytest.mark.parametrize("field", ["action", "refId", "type", "platform"])
def test_the_baseline_refuses_what_is_incomplete(field: str) -> None:
    incomplete = {name: value for name, value in event(REF_ID).items() if name != field}
    assert set(SocialEvent().validate(incomplete)) == {field}
