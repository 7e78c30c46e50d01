"""A Ringback that calls one behaviour after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Self

from harness.zoo.answers import head
from harness.zoo.behaviour import Behaviour, behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered
from harness.zoo.network import Network
from harness.zoo.result import BehaviourResult
from harness.zoo.size import ZooSize
from harness.zoo.stack import StackBrokenError, ZooStack
from harness.zoo.trial import try_behaviour
from harness.zoo.verdict import judge
from webhooks_local.machine import Machine

_SECONDS = 0.5
_KILOBYTE = 1024


@behaviour(delivered(), waves=2)
def good(connection: Connection) -> None:
    """Takes a moment, so that all calls are in flight together, and answers with the maximum that is read."""
    connection.pause(_SECONDS)
    headers = [f"X-Padding: {'x' * _KILOBYTE}"] * 30
    connection.send(head("200 OK", f"Content-Length: {64 * _KILOBYTE}", *headers), bytes(64 * _KILOBYTE))


class WarmStack:
    """A stack whose worker has warmed up: it has the memory that as many good calls need. A context manager.

    Args:
        directory: the directory for the stack's data and logs.
        network: the network of the behaviours.
    """

    def __init__(self, directory: Path, network: Network, size: ZooSize) -> None:
        self._network = network
        self._size = size
        settings = {**size.settings, "WEBHOOKS_NAME_SERVERS": network.name_server.address}
        self._stack = ZooStack(directory, network.authority, settings)

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

    def result(self, behaviour: Behaviour) -> BehaviourResult:
        """Call a behaviour, and judge the result.

        Raises:
            StackBrokenError: a process has ended.
        """
        with Machine() as machine:
            evidence = try_behaviour(self._stack, self._network, behaviour, self._size)
        wrong = tuple(judge(behaviour, evidence, self._size.terms(machine.slack)))
        return BehaviourResult(behaviour, machine.seconds, evidence, wrong)

    def _warm_up(self) -> None:
        """Call a good receiver.

        Raises:
            StackBrokenError: even these calls fail.
        """
        with Machine() as machine:
            evidence = try_behaviour(self._stack, self._network, good, self._size)
        to_grow_is_the_point = replace(evidence, growth=0)
        if wrong := judge(good, to_grow_is_the_point, self._size.terms(machine.slack)):
            raise StackBrokenError(" ".join(wrong))
