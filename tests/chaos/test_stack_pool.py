"""The pool of stacks on which chaos and zoo run their tasks."""

from __future__ import annotations

import threading
from typing import Self

from harness.stack_pool import StackPool


class Stack:
    """A stack without processes; its task ends when it is closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed.set()


def test_leaving_the_pool_closes_its_stack_and_starts_no_other() -> None:
    made: list[Stack] = []
    begun = threading.Event()

    def make_stack(name: str) -> Stack:
        made.append(Stack(name))
        return made[-1]

    def work(stack: Stack, _: str) -> str:
        begun.set()
        assert stack.closed.wait(60)
        raise RuntimeError

    before = set(threading.enumerate())
    with StackPool(
        ["first", "second"], make_stack=make_stack, work=work, broken_off=lambda *_: "broken off", stacks=1
    ):
        assert begun.wait(60)
        (thread,) = set(threading.enumerate()) - before
    thread.join(60)
    assert not thread.is_alive()
    assert [stack.closed.is_set() for stack in made] == [True]
