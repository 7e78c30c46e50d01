"""A behaviour: what a receiver does with a call, and beside it the expected result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from harness.zoo.connection import Connection
from harness.zoo.expected import Expected
from harness.zoo.tls import Tls
from webhooks_local.receiver.calls import Call

#: The private address that the workers may call, and one that they may not.
ALLOWED, FORBIDDEN = "127.0.0.1", "127.0.0.2"

Act = Callable[[Connection], None]


class Stage(Enum):
    """The state of a connection when a behaviour starts."""

    ACCEPTED = auto()
    SECURED = auto()
    ASKED = auto()


class Listening(Enum):
    """How a port treats connections."""

    OPEN = auto()
    SHUT = auto()
    CROWDED = auto()


@dataclass(frozen=True)
class Host:
    """A host that is called by its name.

    Attributes:
        name: the name; it may contain `{port}`, the index of the port, so that each port has its own name.
        addresses: the answer of the name server; None if there is no such name.
        silent: whether the name server does not answer.
    """

    name: str
    addresses: tuple[str, ...] | None = (ALLOWED,)
    silent: bool = False


@dataclass(frozen=True)
class Behaviour:
    """One way to misbehave.

    Attributes:
        name: its name on the command line, and the path of its URL.
        sentence: its description for the table.
        act: does it. At the stage `ASKED` it is called for each request of a connection.
        host: its host, unless it is called by its address.
        address: the address on which it listens.
        waves: how often it is called, each time after the earlier calls have ended.
        padding: bytes that make each event longer.
    """

    name: str
    sentence: str
    act: Act
    expected: Expected
    stage: Stage
    tls: Tls
    host: Host | None
    listening: Listening
    address: str
    waves: int
    padding: int

    def meet(self, connection: Connection, note: Callable[[Call], None]) -> None:
        """Do it with a connection; `note` is called with each request.

        Raises:
            OSError: the connection has ended.
        """
        if self.stage is not Stage.ACCEPTED:
            connection.secure()
        if self.stage is not Stage.ASKED:
            self.act(connection)
            return
        while not connection.closed:
            note(connection.ask())
            self.act(connection)


def behaviour(
    expected: Expected,
    *,
    stage: Stage = Stage.ASKED,
    tls: Tls = Tls.GOOD,
    host: Host | None = None,
    listening: Listening = Listening.OPEN,
    address: str = ALLOWED,
    waves: int = 1,
    padding: int = 0,
) -> Callable[[Act], Behaviour]:
    """Make a behaviour of a function; its name and its docstring become those of the behaviour."""

    def make(act: Act) -> Behaviour:
        sentence = (act.__doc__ or "").splitlines()[0]
        called = act.__name__.replace("_", "-")
        return Behaviour(called, sentence, act, expected, stage, tls, host, listening, address, waves, padding)

    return make
