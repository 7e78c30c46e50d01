"""A body is read after the key was checked, up to its limit, and completely or not at all."""

from __future__ import annotations

import io
from typing import Any, NoReturn

import pytest

from api.conftest import Api, Customer
from doubles import PRODUCER_KEY, contents
from samples import sample
from webhooks.store.connection import Client

EVENTS = "/api/events"


class Untouched(io.RawIOBase):
    """A body that must not be read."""

    def readinto(self, _: Any) -> NoReturn:
        """Fail."""
        raise AssertionError("It was read.")

    def readable(self) -> bool:
        """Report that it could be read."""
        return True


def streamed(stream: Any, length: int | None) -> dict[str, Any]:
    """Return the options of a call with this body as a stream of the given length; chunked without a length."""
    declared = {"HTTP_TRANSFER_ENCODING": "chunked"} if length is None else {"CONTENT_LENGTH": str(length)}
    # gunicorn sets this for every body, as each has an end.
    gunicorn = {"wsgi.input": stream, "wsgi.input_terminated": True}
    return {"content_type": "application/json", "environ_overrides": gunicorn | declared}


@pytest.mark.parametrize("key", [None, "unknown"])
@pytest.mark.parametrize("length", [20, 4_000_000, 10**30, None])
@pytest.mark.parametrize("path", [EVENTS, "/api/hook/webhook", "/api/profiles", "/api/admin/accounts"])
def test_the_body_of_a_call_without_a_key_is_not_read(
    api: Api, path: str, length: int | None, key: str | None
) -> None:
    """Not one byte of 5 MB of JSON is read."""
    assert api.call("POST", path, key, **streamed(Untouched(), length)).status == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/nothing"), ("PUT", EVENTS), ("GET", "/healthz")])
def test_an_unexpected_body_is_not_read(api: Api, method: str, path: str) -> None:
    assert api.call(method, path, PRODUCER_KEY, **streamed(Untouched(), 4_000_000)).status in {200, 404, 405}


@pytest.mark.parametrize("length", [5_000_001, 10**30])
def test_a_body_whose_length_is_too_large_is_not_read(api: Api, length: int) -> None:
    answer = api.call("POST", EVENTS, PRODUCER_KEY, **streamed(Untouched(), length))
    assert (answer.status, answer.json["message"]) == (413, "The body is longer than 5000000 bytes.")


@pytest.mark.parametrize(("path", "limit"), [("/api/profiles", 262_144), ("/api/hook/webhook", 262_144)])
def test_a_body_without_a_length_is_read_up_to_the_limit(customer: Customer, path: str, limit: int) -> None:
    stream = io.BytesIO(b" " * 3_000_000)
    answer = customer.call("POST", path, **streamed(stream, None))
    assert (answer.status, answer.json["message"]) == (413, f"The body is longer than {limit} bytes.")
    assert stream.tell() <= limit + 1


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_a_body_without_a_length_may_reach_the_limit(customer: Customer, more: int, status: int) -> None:
    body = b'{"title": "Acme"}'.ljust(262_144 + more)
    assert customer.call("POST", "/api/profiles", **streamed(io.BytesIO(body), None)).status == status


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_batch_without_a_length_may_reach_the_limit(api: Api, more: int, status: int) -> None:
    event = api.app.json.dumps(sample("social-link", "a" * 40))
    body = f'{{"events": [{event}]}}'.encode().ljust(5_000_000 + more)
    assert api.call("POST", EVENTS, PRODUCER_KEY, **streamed(io.BytesIO(body), None)).status == status


def test_a_body_without_a_length_is_accepted(api: Api, customer: Customer) -> None:
    customer.register("social")
    event = api.app.json.dumps(sample("social-link", customer.ref_id)).encode()
    answer = api.call("POST", EVENTS, PRODUCER_KEY, **streamed(io.BytesIO(event), None))
    assert (answer.status, answer.json["state"]) == (202, "queued")


def test_an_incomplete_body_is_refused(api: Api, customer: Customer, fake_redis: Client) -> None:
    """The received part is a valid event, but probably not the intended one."""
    customer.register("social")
    event = api.app.json.dumps(sample("social-link", customer.ref_id)).encode()
    before = contents(fake_redis)
    answer = api.call("POST", EVENTS, PRODUCER_KEY, **streamed(io.BytesIO(event), len(event) + 1))
    assert answer.status == 400
    assert answer.json["errors"] == {"body": ["The body did not arrive whole."]}
    assert contents(fake_redis) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "APPLICATION/JSON"},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": 'application/json;charset="UTF-8"'},
        {"Content-Type": "application/json; profile=event"},
        {"Content-Type": "application/json; charset=utf8"},
        {"Content-Type": "application/json; charset=UTF8"},
        {"Content-Type": "application/json", "Content-Encoding": ""},
        {"Content-Type": "application/json", "Content-Encoding": "identity"},
        {"Content-Type": "application/json", "Accept": "text/html"},
    ],
)
def test_a_body_must_have_the_content_type_of_json(api: Api, customer: Customer, headers: dict[str, str]) -> None:
    customer.register("batch")
    event = b'{"action":"batch","refId":"%s","url":"https://files.example.com/1"}' % customer.ref_id.encode()
    answer = api.send(None, json=None, data=event, headers=headers)
    assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json; charset=utf-8")
