"""One trial: a fault is injected under load, and the three records are compared afterwards."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from harness.chaos.bounds import beyond
from harness.chaos.load import THREADS, Load, Notebook
from harness.chaos.records import Call, Logged
from harness.chaos.scene import Fault, Scene
from harness.chaos.size import ChaosSize
from harness.chaos.stack import ChaosStack
from harness.chaos.verdict import Records, Verdict, judge
from webhooks_local.machine import Machine

#: The longest time in seconds for reading the log, when the receiver has got all calls.
LOG_SECONDS = 5.0
_PAUSE = 0.25


@dataclass(frozen=True)
class FaultResult:
    """The effects of a fault.

    Attributes:
        seconds: the duration of the trial.
        verdict: None if the trial could not be finished.
        wrong: a sentence for each exceeded bound.
        remarks: figures of the fault.
    """

    fault: str
    seconds: float
    verdict: Verdict | None
    wrong: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def try_fault(stack: ChaosStack, fault: Fault, size: ChaosSize, rounds: int, seed: int) -> FaultResult:
    """Inject a fault this often, and judge what happened to the promises."""
    began = time.monotonic()
    chance = random.Random(f"{fault.name} {seed}")  # noqa: S311 - not a secret
    notebook = Notebook(stack.directory / f"{fault.name}.answers")
    died = len(stack.supervisor.deaths)
    stack.journal.forget()
    with Machine() as machine:
        scene = Scene(stack, size, chance, notebook, machine)
        moments = _inject(fault, scene, rounds)
        stack.wait_until_ready()
        answers = notebook.answers()
        log = _log_when_quiet(scene, {hook_id for answer in answers for hook_id in answer.hook_ids})
    scene.facts.deaths = stack.supervisor.deaths[died:]
    verdict = judge(Records(answers, stack.journal.calls(), log, moments), size.terms)
    wrong = tuple(beyond(fault.bounds, verdict, scene.facts, size.terms.lease, scene.slack))
    return FaultResult(fault.name, time.monotonic() - began, verdict, wrong, tuple(scene.facts.remarks))


def _inject(fault: Fault, scene: Scene, rounds: int) -> list[tuple[float, float]]:
    """Inject a fault under load; returns the start and end of each round in Unix seconds."""
    moments = []
    producers = [scene.stack.producer(scene.notebook) for _ in range(THREADS)]
    with Load(producers, scene.size.rate, scene.chance.randrange(1_000_000)):
        scene.go_on(scene.size.before)
        for _ in range(rounds):
            scene.between(*scene.size.gap)
            began = time.time()
            fault.inject(scene)
            moments.append((began, scene.over if scene.over > began else time.time()))
        scene.go_on(scene.size.after)
    scene.notebook.close()
    return moments


def _log_when_quiet(scene: Scene, hook_ids: Collection[str]) -> dict[str, Logged]:
    """Return the log of these events when nothing is owed any more, or after the maximum of time.

    The journal is read first, for as long as retries take, as that costs nothing; the log is then usually
    requested once.
    """
    now, stack, size = time.monotonic(), scene.stack, scene.size
    end, retried = now + size.quiet + scene.slack, now + sum(size.delays) + LOG_SECONDS
    while _owed(hook_ids, stack.journal.calls(), len(size.delays) + 1) and time.monotonic() < retried:
        time.sleep(_PAUSE)
    return stack.customer.log(hook_ids, max(LOG_SECONDS, end - time.monotonic()))


def _owed(hook_ids: Collection[str], calls: Collection[Call], most: int) -> bool:
    """Return whether an event has had neither a success nor its last attempt; the poison event never has."""
    by_hook_id: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_hook_id[call.hook_id].append(call)
    return not all(
        any(call.succeeded or call.attempt == most or call.path == "/poison" for call in by_hook_id[hook_id])
        for hook_id in hook_ids
    )
