"""Tests that measure time, or kill and freeze processes, run one at a time: they are marked `alone`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
CLOCKS = {"monotonic", "perf_counter", "process_time"}
#: Names of measurements, of runs of `make chaos` and `make zoo`, and of operations on processes.
TELLING = {"Machine", "slack", "stop_in_time", "Harness", "SIGKILL", "SIGSTOP", "kill", "frozen", "freeze"}
#: Tests with such a name that may run beside others, and why.
BESIDE_OTHERS = {
    "cli/test_events.py::test_an_interruption_reports_how_many_events_were_sent": "it sends Ctrl-C to itself",
    "cli/test_recover.py::test_an_interrupted_command_leaves_the_recovery_running": "it sends Ctrl-C to itself",
}

Definition = ast.FunctionDef | ast.ClassDef


def test_tests_that_measure_time_or_kill_processes_are_marked_alone() -> None:
    found = {
        f"{path.relative_to(TESTS)}::{test.name}"
        for path in TESTS.rglob("test_*.py")
        for test in unmarked(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(BESIDE_OTHERS)


def test_the_check_finds_such_calls_anywhere_in_a_file() -> None:
    file = ast.parse(
        "class Server:\n def __exit__(self): self.process.kill()\n"
        "def begun(): return monotonic()\n"
        "def took(): return monotonic() - 1\n"
        "def until(): return monotonic() + 1\n"
        "def test_1(): assert took()\n"
        "def test_2(server): server.frozen()\n"
        "def test_3(): assert begun() < 3\n"
        "def test_4(): wait(until(), Server())\n"
        "@pytest.mark.alone\ndef test_5(): assert took()\n"
    )
    assert [test.name for test in unmarked(file)] == ["test_1", "test_2"]


def unmarked(file: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the tests of a file that should be marked and are not."""
    if any(isinstance(node, ast.Assign) and {"pytestmark", "alone"} <= names(node) for node in file.body):
        return
    definitions = {node.name: node for node in file.body if isinstance(node, Definition)}
    tests = (node for node in definitions.values() if isinstance(node, ast.FunctionDef))
    for test in tests:
        if (
            test.name.startswith("test_")
            and "alone" not in names(test)
            and any(is_telling(definitions[used]) for used in reached(test.name, definitions))
        ):
            yield test


def reached(name: str, definitions: Mapping[str, Definition]) -> set[str]:
    """Return a test and everything that it uses in its file, including fixtures."""
    found, waiting = set(), {name}
    while waiting:
        found |= waiting
        waiting = {used for one in waiting for used in names(definitions[one]) if used in definitions} - found
    return found


def is_telling(node: Definition) -> bool:
    """Return whether code subtracts times, asserts something about one, or contains one of the names."""
    return bool(names(node) & TELLING) or any(
        CLOCKS & names(one)
        for one in parts(node)
        if isinstance(one, ast.Assert) or (isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub))
    )


@cache
def names(node: ast.AST) -> set[str]:
    """Return the names in a node: variables, attributes and arguments."""
    found = {one.id for one in parts(node) if isinstance(one, ast.Name)}
    found |= {one.attr for one in parts(node) if isinstance(one, ast.Attribute)}
    return found | {one.arg for one in parts(node) if isinstance(one, ast.arg)}


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and everything in it, except the clean-up after a test."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.FunctionDef) and child.name == "__exit__"):
            yield from parts(child)
