"""Ringback's processes by name: started from the lines of the Procfile, stopped, killed and frozen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.fernet import Fernet
from honcho.environ import parse_procfile

from webhooks_local.child_process import ending_with_parent

ROOT = Path(__file__).parent.parent

#: Stops a process group, prints that, and continues it when standard input ends, which includes the end of the
#: caller.
_FREEZE = 'kill -s STOP -- "-$0" && echo frozen && read _; kill -s CONT -- "-$0"'


class FleetClosedError(Exception):
    """The fleet is closing and starts no more processes."""


class Fleet:
    """Processes by name. None outlives the program that started it.

    A name is that of a line of the Procfile, with a suffix for further processes: `worker-2` runs the line
    `worker`.

    Args:
        lines: the command of each line.
        environment: the environment of every process.
        logs: the directory for the output, with a file for each name.
        directory: the working directory.
    """

    def __init__(
        self, lines: Mapping[str, str], environment: Mapping[str, str], logs: Path, directory: Path = ROOT
    ) -> None:
        self._lines = lines
        self._environment = environment
        self._logs = logs
        self._directory = directory
        self._overrides: dict[str, Mapping[str, str]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._killed: set[int] = set()
        self._closed = False
        # A child process ends with the thread that started it, so one thread that lives to the end starts all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")

    def start(self, name: str, **overrides: str) -> None:
        """Start a process.

        Args:
            overrides: environment variables for this process; without any, those of its last start.

        Raises:
            FleetClosedError: the fleet is closing.
        """
        self._overrides[name] = overrides or self._overrides.get(name, {})
        try:
            self._starter.submit(self._start, name).result()
        except RuntimeError as error:
            raise FleetClosedError(name) from error

    def pid(self, name: str) -> int:
        """Return the process id, which is the id of its group too."""
        return self._processes[name].pid

    def stop(self, name: str, deadline: float) -> int:
        """Send SIGTERM to a process and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after `deadline` seconds, and keeps its name.
        """
        return self._wait(name, deadline, signal.SIGTERM)

    def wait_for_end(self, name: str, deadline: float) -> int:
        """Wait for a process to end by itself, forget it, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after `deadline` seconds.
        """
        return self._wait(name, deadline)

    def kill(self, name: str) -> None:
        """Send SIGKILL to a process and its group."""
        process = self._processes[name]
        self._killed.add(process.pid)
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()

    def end(self, name: str) -> None:
        """Send SIGKILL to a process and its group, and forget it."""
        process = self._processes.pop(name)
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()

    def take_ended(self) -> list[tuple[str, bool]]:
        """Forget the processes that have ended, and return their names and whether `kill` ended them."""
        ended = [name for name, process in list(self._processes.items()) if process.poll() is not None]
        return [(name, self._processes.pop(name).pid in self._killed) for name in ended]

    @property
    def all_run(self) -> bool:
        """Whether every started process that was not stopped still runs."""
        return all(process.poll() is None for process in list(self._processes.values()))

    def log(self, name: str) -> str:
        """Return the output of a process so far."""
        return (self._logs / f"{name}.log").read_text()

    def close(self, timeout: float = 0.0) -> None:
        """End all processes with SIGTERM, and after `timeout` seconds with SIGKILL; with 0, only with SIGKILL."""
        self._starter.submit(self._close).result()
        self._starter.shutdown(cancel_futures=True)
        processes = list(self._processes.values())
        if timeout:
            for process in processes:
                _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + timeout
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in processes:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def _start(self, name: str) -> None:
        if self._closed:
            raise FleetClosedError(name)
        command = self._lines[name.partition("-")[0]]
        with (self._logs / f"{name}.log").open("ab") as log:
            # Stored in the thread that starts it, so that a Ctrl-C in the main thread cannot come in between.
            self._processes[name] = subprocess.Popen(  # noqa: S603 - the project's own lines
                ending_with_parent(["/bin/sh", "-c", f"exec {command}"]),
                cwd=self._directory,
                env={**self._environment, **self._overrides[name]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self, name: str, deadline: float, number: signal.Signals | None = None) -> int:
        process = self._processes.pop(name)  # so that `take_ended` does not report it
        try:
            if number is not None:
                process.send_signal(number)
            return process.wait(deadline)
        except BaseException:
            self._processes[name] = process
            raise

    def _close(self) -> None:
        self._closed = True


@contextmanager
def frozen(*groups: int) -> Iterator[None]:
    """Stop process groups with SIGSTOP for the duration of the block. They continue too if this program is killed.

    Raises:
        ProcessLookupError: there is no such group.
    """
    guards = [
        subprocess.Popen(  # noqa: S603 - a list, no shell of the user's
            ["/bin/sh", "-c", _FREEZE, str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the group may be killed while it is frozen
        )
        for group in groups
    ]
    try:
        for guard in guards:
            assert guard.stdout is not None  # noqa: S101 - for mypy; it is a pipe
            if not guard.stdout.readline():
                raise ProcessLookupError(guard.args)
        yield
    finally:
        for guard in guards:
            guard.communicate()


def procfile_lines(directory: Path = ROOT) -> dict[str, str]:
    """Return the commands of the Procfile in `directory`, by line."""
    return dict(parse_procfile((directory / "Procfile").read_text()).processes)


def fleet_environment(redis_url: str, port: int, ca: Path, admin_key: str, producer_key: str) -> dict[str, str]:
    """Return an environment in which the processes may call every address of this machine, without rate limits.

    Args:
        ca: PEM file of the CA of the receivers.
    """
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "REDIS_URL": redis_url,
        "PORT": str(port),
        "WEBHOOKS_ADMIN_KEY": admin_key,
        "WEBHOOKS_PRODUCER_KEYS": producer_key,
        "WEBHOOKS_SECRET_KEYS": Fernet.generate_key().decode(),
        "WEBHOOKS_INGEST_LIMIT": "0",
        "WEBHOOKS_API_LIMIT": "0",
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WEBHOOKS_CA_BUNDLE": str(ca),
    }


def wait_until(condition: Callable[[], bool], deadline: float, what: str) -> None:
    """Wait until `condition` is true.

    Args:
        deadline: in seconds.
        what: describes the condition in the error.

    Raises:
        TimeoutError: it is not true after `deadline` seconds.
    """
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"after {deadline} s not yet {what}")
        time.sleep(0.05)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)
