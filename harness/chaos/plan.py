"""Which faults run, and on how many stacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.chaos.scene import Fault
from harness.chaos.size import ChaosSize
from harness.chaos.stack import ChaosStack
from harness.chaos.trial import FaultResult, try_fault
from harness.stack_pool import StackPool


@dataclass(frozen=True)
class Plan:
    """What to try.

    Attributes:
        rounds: how often each fault is injected, unless it has its own number.
        make_stack: makes a stack in a directory.
        stacks: the number of concurrent stacks.
    """

    faults: Sequence[Fault]
    size: ChaosSize
    rounds: int
    seed: int
    make_stack: Callable[[Path], ChaosStack]
    stacks: int


def pool_for(plan: Plan, directory: Path) -> StackPool[Fault, ChaosStack, FaultResult]:
    """Return stacks that try the faults of a plan and write to a directory, not started yet."""

    def work(stack: ChaosStack, fault: Fault) -> FaultResult:
        return try_fault(stack, fault, plan.size, fault.rounds or plan.rounds, plan.seed)

    def broken_off(fault: Fault, seconds: float, sentence: str) -> FaultResult:
        return FaultResult(fault.name, seconds, None, (sentence,))

    # Faults that are injected only once take the longest, so they come first.
    faults = sorted(plan.faults, key=lambda fault: fault.rounds is None)
    return StackPool(faults, lambda name: plan.make_stack(directory / name), work, broken_off, plan.stacks)
