"""What it costs that much has been stored already."""

from __future__ import annotations

from bench.copies import copy_keys, used_bytes, wait_until_calm
from bench.flow import Flow, drained, through
from bench.ground import Ground
from bench.scenario import Figure, Measured, Scenario, Side, at_least, at_most
from bench.scenarios.backlog import BATCH, RATE


def _empty(ground: Ground) -> Measured:
    """Weigh deliveries that are made and end."""
    with ground.ours([ground.receiver.url()]) as system:
        before = used_bytes(system.redis)
        flow = drained(system, ground.size.batched, BATCH)
        last = max(flow.taken, key=lambda call: call.arrived)
        system.wait_until_delivered([last.hook_id, flow.sent.hook_ids[-1]])
        return _measured(flow, (used_bytes(system.redis) - before) / flow.events)


def _full(ground: Ground) -> Measured:
    """Weigh copies of one, which are far more."""
    with ground.ours([ground.receiver.url()]) as system:
        [hook_id] = through(system, 1).sent.hook_ids
        system.wait_until_delivered([hook_id])
        before = used_bytes(system.redis)
        copy_keys(system.redis, hook_id, [f"{number:020}" for number in range(ground.size.stored)])
        wait_until_calm(system.redis)
        each = (used_bytes(system.redis) - before) / ground.size.stored
        ref_ids = [f"{number:040}" for number in range(ground.size.stored_webhooks)]
        copy_keys(system.redis, system.ref_ids[0], ref_ids)
        wait_until_calm(system.redis)
        return _measured(drained(system, ground.size.batched, BATCH), each)


def _measured(flow: Flow, each: float) -> Measured:
    return Measured({RATE: flow.rate_of_calls, "each": each}, flow.events, flow.cpu, flow.remarks)


SCENARIO = Scenario(
    "stored",
    "A backlog is delivered while a million finished deliveries and 100,000 webhooks are stored, otherwise none; "
    "and how much Redis holds for each finished delivery.",
    {Side.OURS: _full, Side.OTHERWISE: _empty},
    [
        Figure(RATE, "events/s", [at_least(0.9, Side.OTHERWISE)]),
        Figure("each", "bytes", [at_most(700)]),
    ],
)
