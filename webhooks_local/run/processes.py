"""Runs the processes of the Procfile with honcho: they start and stop together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import honcho.manager
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

STOP_SECONDS = 15
"""From SIGTERM to SIGKILL. A worker takes up to 12 s to stop, as it waits for its calls, which may take 10 s."""

honcho.manager.KILL_WAIT = STOP_SECONDS


class Processes(Manager):  # type: ignore[misc]  # honcho ships no types
    """Runs the lines of a Procfile until one of them ends or a signal arrives, then stops the others.

    Args:
        procfile: the content of a Procfile.
        environment: the whole environment of each process.
        when_started: called once, when every process has been started.
    """

    def __init__(self, procfile: str, environment: Mapping[str, str], when_started: Callable[[], object]) -> None:
        super().__init__(_Printer())
        self._process_ctor = _ChildProcess
        self._when_started = when_started
        self._stop_asked = False
        for name, command in parse_procfile(procfile).processes.items():
            self.add_process(name, command, env=dict(environment))

    def run(self) -> int:
        """Run until all processes have ended.

        Returns:
            the exit code of the first that ended, or that of the signal: 130 for Ctrl-C, 143 for SIGTERM.
        """
        self.loop()
        code = int(self.returncode or 0)
        return code if code >= 0 else 128 - code

    # The next two methods close two gaps in honcho. It cannot stop a process whose pid it has not received yet, so
    # a signal during the start would leave the process running. And its time to SIGKILL starts when the first
    # process ends, so it waits for ever if none reacts to SIGTERM.

    def terminate(self) -> None:
        """Stop every process, as soon as all have been started."""
        self._stop_asked = True
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        return self._stop_asked or bool(super()._any_stopped())

    def _start(self) -> None:
        super()._start()
        self._when_started()


class _Printer(Printer):  # type: ignore[misc]  # honcho ships no types
    """Prints the output of the processes. When it cannot be written any more, all processes are stopped."""

    def write(self, message: Any) -> None:
        try:
            super().write(message)
        except OSError:  # the terminal was closed, or the reader of a pipe such as `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            signal.raise_signal(signal.SIGTERM)


class _ChildProcess(Process):  # type: ignore[misc]  # honcho ships no types
    """A process that does not outlive the launcher, even if that is killed by SIGKILL.

    honcho forks a reader for each process, which executes `run`: it starts the command in its own session and
    forwards its output.
    """

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        self._child_ctor = _start_child
        super().run(events, ignore_signals)


def _start_child(*arguments: Any, **options: Any) -> Any:
    command = Popen(*arguments, **options)
    threading.Thread(target=_end_with_the_launcher, args=(command.pid,), daemon=True).start()
    return command


def _end_with_the_launcher(group: int) -> None:
    launcher = multiprocessing.parent_process()
    assert launcher is not None  # noqa: S101 - for mypy; a reader has a parent
    launcher.join()
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        time.sleep(STOP_SECONDS)  # if the command ends earlier, this reader ends with it
        os.killpg(group, signal.SIGKILL)
    os._exit(1)
