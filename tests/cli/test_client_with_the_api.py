"""The producers' client with the API: only errors about an event are rejections of that event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from doubles import PRODUCER_KEY
from samples import sample
from webhooks.deliveries.payload import compact
from webhooks_client import Client, Rejected, Rejection, Unauthorized, UnexpectedAnswer
from webhooks_client.batches import MAX_EVENT_BYTES


@pytest.fixture
def client(api_url: str) -> Iterator[Client]:
    with Client(api_url, PRODUCER_KEY, patience=0) as client:
        yield client


@pytest.fixture
def event(customer: str) -> dict[str, Any]:
    return sample("social-link", customer)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [({"platform": 7}, 400, 101), ({"refId": "0" * 40}, 404, 144), ({"idempotencyKey": "used"}, 409, 409)],
)
def test_an_event_that_the_api_refuses_is_rejected(
    client: Client, event: dict[str, Any], change: dict[str, Any], status: int, code: int
) -> None:
    client.send({**event, "type": "unlink", "source": "system", "idempotencyKey": "used"})
    with pytest.raises(Rejected) as raised:
        client.send({**event, **change})
    assert (raised.value.status, raised.value.code) == (status, code)
    first, second = client.send_many([{**event, **change}, event])
    assert isinstance(first, Rejection)
    assert first.code == code
    assert not isinstance(second, Rejection)


def test_the_client_and_the_api_have_the_same_limit_for_an_event(
    client: Client, api_url: str, event: dict[str, Any]
) -> None:
    """The client refuses exactly the events that the API would refuse as too large."""
    longest = MAX_EVENT_BYTES - len(compact({**event, "post": ""}).encode())
    fits, too_large = ({**event, "post": "x" * length} for length in (longest, longest + 1))
    assert client.send(fits).state == "unregistered"
    assert client.send_many([fits, too_large])[1] == Rejection(
        1, 413, "The event has more than 262,144 bytes of JSON."
    )
    headers = {"Authorization": f"Bearer {PRODUCER_KEY}", "Content-Type": "application/json"}
    answer = requests.post(f"{api_url}/api/events", compact(too_large).encode(), headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (413, 413)


@pytest.mark.parametrize("end", ["", "/", "/api", "/api/"])
def test_the_client_accepts_each_form_of_the_address(api_url: str, event: dict[str, Any], end: str) -> None:
    with Client(api_url + end, PRODUCER_KEY, patience=0) as client:
        assert client.active("social", event["refId"]) is False


@pytest.mark.parametrize("path", ["/v2", "/api/events", "/api/api"])
def test_a_wrong_path_is_not_a_rejection(api_url: str, event: dict[str, Any], path: str) -> None:
    with Client(api_url + path, PRODUCER_KEY, patience=0) as client:
        with pytest.raises(UnexpectedAnswer, match=r"Is it the right URL\?.*This endpoint does not exist"):
            client.send(event)
        with pytest.raises(UnexpectedAnswer) as raised:
            client.send_many([event, event])
    assert len(raised.value.unconfirmed) == 2


def test_a_key_of_another_kind_is_unauthorized(api_url: str, event: dict[str, Any]) -> None:
    with Client(api_url, "another-key", patience=0) as client, pytest.raises(Unauthorized):
        client.send(event)
