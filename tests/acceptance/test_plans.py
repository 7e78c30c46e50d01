"""A lost plan stops the queued deliveries, and a regained one makes the registered webhooks work again."""

from __future__ import annotations

from running import ADMIN_KEY, HUNG, PRODUCER_KEY, Customer, Running
from samples import SAMPLES
from webhooks_local.receiver import Receiver


def test_losing_a_plan_stops_deliveries_and_keeps_the_webhook(running: Running, receiver: Receiver) -> None:
    customer = Customer(running)
    path = "/status/500/plans"
    customer.call("POST", "/api/hook/webhook", {"action": "social", "url": receiver.url(path)})
    event = {**SAMPLES["social-link"], "refId": customer.ref_id}

    def change(plan: str) -> None:
        running.call("PATCH", f"/api/admin/accounts/{customer.ref_id}", ADMIN_KEY, {"plan": plan})

    hook_id = running.send(event)
    customer.wait_for_state(hook_id, "retrying", HUNG)
    change("free")
    assert running.call("POST", "/api/events", PRODUCER_KEY, event).json()["state"] == "notEntitled"
    assert len(customer.wait_for_state(hook_id, "notEntitled", HUNG)["attempts"]) == 1

    change("launch")
    customer.wait_for_state(running.send(event), "retrying", HUNG)
    assert len(receiver.calls(path)) == 2

    customer.call("POST", f"/api/hook/deliveries/{hook_id}/resend")
    assert len(customer.wait_for_state(hook_id, "retrying", HUNG)["attempts"]) == 2
