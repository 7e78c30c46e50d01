"""A behaviour: what a receiver does with a call, and beside it what is to come of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from harness.zoo.expected import Expected
from harness.zoo.tls import Tls
from harness.zoo.wire import Wire
from webhooks_local.receiver.calls import Call

#: The only address that the workers may call although it is not public, and one that they may not.
ALLOWED, FORBIDDEN = "127.0.0.1", "127.0.0.2"

Act = Callable[[Wire], None]


class Stage(Enum):
    """How far a connection has come when a behaviour begins."""

    ACCEPTED = auto()
    SECURED = auto()
    ASKED = auto()


class Door(Enum):
    """How a port treats connections."""

    OPEN = auto()
    SHUT = auto()
    CROWDED = auto()


@dataclass(frozen=True)
class Host:
    """A host that is called by its name.

    Attributes:
        name: may hold `{door}`, the number of the port, so that each has a name of its own.
        addresses: what the name server answers; None if there is no such name.
        silent: whether it answers nothing at all.
    """

    name: str
    addresses: tuple[str, ...] | None = (ALLOWED,)
    silent: bool = False


@dataclass(frozen=True)
class Behaviour:
    """One way to misbehave.

    Attributes:
        name: what it is called on the command line, and the path of its URL.
        sentence: what it does, for the table.
        act: does it. At the stage `ASKED` it is called for each request of a connection.
        host: its host, if it is not to be called by its address.
        address: where it listens.
        waves: how often it is called, each time only when the calls before have ended.
        padding: bytes that make each event longer.
    """

    name: str
    sentence: str
    act: Act
    expected: Expected
    stage: Stage
    tls: Tls
    host: Host | None
    door: Door
    address: str
    waves: int
    padding: int

    def meet(self, wire: Wire, note: Callable[[Call], None]) -> None:
        """Do it to a connection; `note` is given each request that is read.

        Raises:
            OSError: the connection has ended.
        """
        if self.stage is not Stage.ACCEPTED:
            wire.secure()
        if self.stage is not Stage.ASKED:
            self.act(wire)
            return
        while not wire.closed:
            note(wire.ask())
            self.act(wire)


def behaviour(
    expected: Expected,
    *,
    stage: Stage = Stage.ASKED,
    tls: Tls = Tls.GOOD,
    host: Host | None = None,
    door: Door = Door.OPEN,
    address: str = ALLOWED,
    waves: int = 1,
    padding: int = 0,
) -> Callable[[Act], Behaviour]:
    """Make a behaviour of a function; its name and its docstring become the behaviour's."""

    def make(act: Act) -> Behaviour:
        sentence = (act.__doc__ or "").splitlines()[0]
        called = act.__name__.replace("_", "-")
        return Behaviour(called, sentence, act, expected, stage, tls, host, door, address, waves, padding)

    return make
