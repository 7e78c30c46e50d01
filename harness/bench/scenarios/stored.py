"""The cost of a full store."""

from __future__ import annotations

from harness.bench.copies import copy_keys, used_bytes, wait_until_calm
from harness.bench.flow import Flow, backlog_flow
from harness.bench.ringback import Ringback
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_least, at_most
from harness.bench.scenarios.backlog import BATCH, RATE
from harness.bench.workbench import Workbench


def _empty(bench: Workbench) -> Measured:
    with bench.ringback([bench.receiver.url()]) as system:
        return _measured(*_weighed(system, bench.size.batched))


def _full(bench: Workbench) -> Measured:
    """Measure the size of deliveries before they are copied, as copies are not in the lists of a profile."""
    with bench.ringback([bench.receiver.url()]) as system:
        flow, each = _weighed(system, bench.size.batched)
        hook_id = flow.sent.hook_ids[0]
        copy_keys(system.redis, hook_id, [f"{number:020}" for number in range(bench.size.stored)])
        wait_until_calm(system.redis)
        ref_ids = [f"{number:040}" for number in range(bench.size.stored_webhooks)]
        # Of a profile without deliveries, as their list would be copied too.
        [ref_id] = system.other_account([bench.receiver.url()])
        copy_keys(system.redis, ref_id, ref_ids)
        wait_until_calm(system.redis)
        return _measured(backlog_flow(system, bench.size.batched, BATCH), each)


def _weighed(system: Ringback, events: int) -> tuple[Flow, float]:
    """Deliver a backlog; returns it, and the bytes of each of its ended deliveries."""
    before = used_bytes(system.redis)
    flow = backlog_flow(system, events, BATCH)
    last = max(flow.taken, key=lambda call: call.arrived)
    system.wait_until_delivered([flow.sent.hook_ids[0], last.hook_id, flow.sent.hook_ids[-1]])
    return flow, (used_bytes(system.redis) - before) / flow.events


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
