"""A Ringback that calls one behaviour after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Self

from harness.zoo.answers import head
from harness.zoo.behaviour import Behaviour, behaviour
from harness.zoo.expected import delivered
from harness.zoo.premises import Premises
from harness.zoo.result import Result
from harness.zoo.size import Size
from harness.zoo.stack import StackBrokenError, ZooStack
from harness.zoo.trial import try_behaviour
from harness.zoo.verdict import judge
from harness.zoo.wire import Wire
from webhooks_local.machine import Machine

_SECONDS = 0.5
_KILOBYTE = 1024


@behaviour(delivered(), waves=2)
def good(wire: Wire) -> None:
    """Takes a moment, so that all calls are in flight together, and answers with the maximum that is read."""
    wire.pause(_SECONDS)
    headers = [f"X-Padding: {'x' * _KILOBYTE}"] * 30
    wire.send(head("200 OK", f"Content-Length: {64 * _KILOBYTE}", *headers), bytes(64 * _KILOBYTE))


class Keeper:
    """A stack whose worker has warmed up: it has the memory that as many good calls need. A context manager.

    Args:
        directory: the directory for the stack's data and logs.
        premises: the network of the behaviours.
    """

    def __init__(self, directory: Path, premises: Premises, size: Size) -> None:
        self._premises = premises
        self._size = size
        settings = {**size.settings, "WEBHOOKS_NAME_SERVERS": premises.name_server.address}
        self._stack = ZooStack(directory, premises.authority, settings)

    def __enter__(self) -> Self:
        self._stack.__enter__()
        try:
            self._warm_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def close(self) -> None:
        """Stop every process at once."""
        self._stack.close()

    def result(self, behaviour: Behaviour) -> Result:
        """Call a behaviour, and judge the result.

        Raises:
            StackBrokenError: a process has ended.
        """
        with Machine() as machine:
            evidence = try_behaviour(self._stack, self._premises, behaviour, self._size)
        wrong = tuple(judge(behaviour, evidence, self._size.terms(machine.slack)))
        return Result(behaviour, machine.seconds, evidence, wrong)

    def _warm_up(self) -> None:
        """Call a good receiver.

        Raises:
            StackBrokenError: even these calls fail.
        """
        with Machine() as machine:
            evidence = try_behaviour(self._stack, self._premises, good, self._size)
        to_grow_is_the_point = replace(evidence, growth=0)
        if wrong := judge(good, to_grow_is_the_point, self._size.terms(machine.slack)):
            raise StackBrokenError(" ".join(wrong))
