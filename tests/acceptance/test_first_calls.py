"""Each action arrives with the exact body and headers of the contract."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from acceptance.conftest import SECRET
from running import HUNG, Customer, Running
from samples import SAMPLES
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver, verify


@pytest.mark.parametrize("name", SAMPLES)
def test_each_action_arrives_with_its_body_and_headers(
    running: Running, customer: Customer, receiver: Receiver, name: str
) -> None:
    """Contract sections 4 and 5, for every action and sub-action."""
    sample = SAMPLES[name]
    path = f"/ok/{name}"
    ref_id = customer.profile("Zoë's shop", **{sample["action"]: receiver.url(path)}, secret=SECRET)

    sent = int(time.time())
    hook_id = running.send({**sample, "refId": ref_id})

    (call,) = receiver.wait_for(path, 1, deadline_seconds=HUNG)
    body = call.json
    created = body.pop("created")
    assert sent <= _unix(created) <= call.received
    own_url = {"url": sample["url"]} if name == "batch-users" else {"url": receiver.url(path)}
    assert body == {
        **_filled_in(sample),
        "refId": ref_id,
        "hookId": hook_id,
        "title": "Zoë's shop",
        "code": 200,
        "retry": False,
        **own_url,
    }
    assert call.body == json.dumps(call.json, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {key.lower(): value for key, value in call.headers}
    assert call.method == "POST"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Ringback/")
    assert headers["x-webhook-attempt"] == "1"
    assert headers["webhook-id"] == hook_id
    assert verify(call, SECRET)


def test_an_unsigned_call_has_no_signature_headers(
    running: Running, customer: Customer, receiver: Receiver
) -> None:
    ref_id = customer.profile("no secret", social=receiver.url("/ok/unsigned"))
    running.send({**SAMPLES["social-link"], "refId": ref_id})
    (call,) = receiver.wait_for("/ok/unsigned", 1, deadline_seconds=HUNG)
    names = {name.lower() for name, _ in call.headers}
    assert not {name for name in names if name.startswith(("x-authorization", "webhook-"))}


@pytest.mark.parametrize("secret", ["a plain secret, ünicode too", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_signatures_verify_with_the_standardwebhooks_package(
    running: Running, customer: Customer, receiver: Receiver, secret: str
) -> None:
    """The unmodified package accepts the base64 of the MAC key, with or without `whsec_`."""
    path = f"/ok/standard-{len(secret)}"
    ref_id = customer.profile("standard", social=receiver.url(path), secret=secret)
    running.send({**SAMPLES["social-link"], "refId": ref_id})
    (call,) = receiver.wait_for(path, 1, deadline_seconds=HUNG)

    assert Webhook(_for_package(secret)).verify(call.body, dict(call.headers)) == call.json
    assert verify(call, secret)
    assert not verify(call, "another secret")


def test_a_profile_without_a_webhook_uses_that_of_the_primary_profile(
    running: Running, receiver: Receiver
) -> None:
    """Exactly one webhook is called (contract section 2)."""
    customer = Customer(running)
    own, primary = "/ok/resolution-own", "/ok/resolution-primary"
    customer.call("POST", "/api/hook/webhook", {"action": "social", "url": receiver.url(primary)})
    with_own = customer.profile("has its own", social=receiver.url(own))
    without = customer.profile("has none")
    for ref_id in (with_own, without, customer.ref_id):
        running.send({**SAMPLES["social-link"], "refId": ref_id})

    assert [call.json["refId"] for call in receiver.wait_for(own, 1, HUNG)] == [with_own]
    called = receiver.wait_for(primary, 2, HUNG)
    assert {(call.json["refId"], call.json["title"]) for call in called} == {
        (without, "has none"),
        (customer.ref_id, "Acme"),
    }


@pytest.mark.alone
def test_a_scheduled_post_is_delivered_on_time(running: Running, customer: Customer, receiver: Receiver) -> None:
    """For a delay that Celery's countdown covers, and for one that waits in the ledger for the sweep."""
    ref_ids = [customer.profile("later", scheduled=receiver.url(f"/ok/scheduled-{n}")) for n in range(2)]
    due = [int(time.time()) + wait for wait in (2, 7)]
    with Machine() as machine:
        for ref_id, at in zip(ref_ids, due, strict=True):
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
            running.send({**SAMPLES["scheduled-success"], "scheduleDate": when, "refId": ref_id})
        calls = [receiver.wait_for(f"/ok/scheduled-{n}", 1, deadline_seconds=HUNG)[0] for n in range(2)]
    for call, at in zip(calls, due, strict=True):
        assert 0 <= call.received - at < 1 + machine.slack


def test_a_batch_with_three_bad_events_delivers_the_other_seven(
    running: Running, customer: Customer, receiver: Receiver
) -> None:
    ref_id = customer.profile("batch", social=receiver.url("/ok/seven-of-ten"))
    good = {**SAMPLES["social-link"], "refId": ref_id}
    bad = [{**good, "type": "wedding"}, {**good, "refId": "f" * 40}, "not an event"]
    events: list[Any] = [good, bad[0], good, good, bad[1], good, good, bad[2], good, good]
    answer = running.call("POST", "/api/events", "acceptance-producer-key", {"events": events})

    results = answer.json()["events"]
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (7, 3)
    assert [place for place, result in enumerate(results) if result["status"] == "error"] == [1, 4, 7]
    calls = receiver.wait_for("/ok/seven-of-ten", 7, deadline_seconds=HUNG)
    assert sorted(call.json["hookId"] for call in calls) == sorted(
        result["hookId"] for result in results if "hookId" in result
    )


def test_removing_a_webhook_cancels_its_queued_deliveries(running: Running, receiver: Receiver) -> None:
    """The URL is read anew for each attempt (contract section 2)."""
    other = Customer(running)
    other.call("POST", "/api/hook/webhook", {"action": "social", "url": receiver.url("/status/500/removed")})
    hook_id = running.send({**SAMPLES["social-link"], "refId": other.ref_id})
    other.wait_for_state(hook_id, "retrying", HUNG)
    other.call("DELETE", "/api/hook/webhook", {"action": "social"})
    assert len(other.wait_for_state(hook_id, "canceled", HUNG)["attempts"]) == 1
    assert len(receiver.calls("/status/500/removed")) == 1


def _filled_in(sample: dict[str, Any]) -> dict[str, Any]:
    """Fill in the arrays that are always present, if empty (contract section 4)."""
    arrays: tuple[str, ...] = ()
    if sample["action"] == "scheduled":
        arrays = ("errors", "postIds", "platforms", "mediaUrls")
    elif sample.get("subAction") in {"messageCreated", "messageEdited"}:
        arrays = ("attachments",)
    return {**{name: [] for name in arrays}, **sample}


def _unix(text: str) -> float:
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


def _for_package(secret: str) -> str:
    return secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
