"""One trial: a fault injected under load, quiet waited for, and the three records compared."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from chaos.bounds import beyond
from chaos.load import THREADS, Load, Notebook
from chaos.records import Call, Logged
from chaos.scene import Fault, Scene
from chaos.size import Size
from chaos.stack import Stack
from chaos.verdict import Records, Verdict, judge

#: Seconds for the log alone, when the receiver has seen the end of all it will see.
LOG_SECONDS = 5.0
_PAUSE = 0.25


@dataclass(frozen=True)
class Result:
    """What a fault did.

    Attributes:
        seconds: that the trial took.
        verdict: None when the trial could not be finished.
        wrong: a sentence for each thing that is beyond the fault's bounds.
        remarks: figures of the fault's own.
    """

    fault: str
    seconds: float
    verdict: Verdict | None
    wrong: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def try_fault(stack: Stack, fault: Fault, size: Size, rounds: int, seed: int) -> Result:
    """Inject a fault, that many times, and judge what became of the promises."""
    began = time.monotonic()
    chance = random.Random(f"{fault.name} {seed}")  # noqa: S311 - a die, no secret
    notebook = Notebook(stack.directory / f"{fault.name}.answers")
    scene = Scene(stack, size, chance, notebook)
    died = len(stack.supervisor.deaths)
    stack.journal.forget()
    moments = []
    with Load([stack.producer(notebook) for _ in range(THREADS)], size.rate, chance.randrange(1_000_000)):
        scene.go_on(size.before)
        for _ in range(rounds):
            scene.between(*size.gap)
            began_round = time.time()
            fault.inject(scene)
            moments.append((began_round, scene.over if scene.over > began_round else time.time()))
        scene.go_on(size.after)
    notebook.close()
    stack.wait_until_ready()
    answers = notebook.answers()
    log = _log_when_quiet(stack, {hook_id for answer in answers for hook_id in answer.hook_ids}, size)
    scene.facts.deaths = stack.supervisor.deaths[died:]
    verdict = judge(Records(answers, stack.journal.calls(), log, moments), size.terms)
    wrong = tuple(beyond(fault.bounds, verdict, scene.facts, size.terms.lease, size.slack))
    return Result(fault.name, time.monotonic() - began, verdict, wrong, tuple(scene.facts.remarks))


def _log_when_quiet(stack: Stack, hook_ids: Collection[str], size: Size) -> dict[str, Logged]:
    """Return the log of these events when nothing is owed any more, or when they had their time.

    The journal is read first, for as long as retries take, which costs nothing: the log of each is then asked for
    once, as a rule.
    """
    now = time.monotonic()
    end, retried = now + size.quiet, now + sum(size.delays) + LOG_SECONDS
    while _owed(hook_ids, stack.journal.calls(), len(size.delays) + 1) and time.monotonic() < retried:
        time.sleep(_PAUSE)
    return stack.customer.log(hook_ids, max(LOG_SECONDS, end - time.monotonic()))


def _owed(hook_ids: Collection[str], calls: Collection[Call], most: int) -> bool:
    """Tell whether an event has had neither a success nor its last attempt; the poison never has."""
    by_hook_id: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_hook_id[call.hook_id].append(call)
    return not all(
        any(call.succeeded or call.attempt == most or call.path == "/poison" for call in by_hook_id[hook_id])
        for hook_id in hook_ids
    )
