"""Child processes that do not outlive the process that started them, even if that is killed by SIGKILL.

`python -m webhooks_local.child_process PARENT COMMAND…` becomes COMMAND, which gets a SIGTERM when PARENT ends.
Linux sends the signal when the thread that started this process ends. Other systems have no such signal: there a
child outlives a killed parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1
_BLOCKED = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def ending_with_parent(command: list[str]) -> list[str]:
    """Return `command` wrapped so that it gets a SIGTERM when the calling process ends."""
    return [sys.executable, "-m", "webhooks_local.child_process", str(os.getpid()), *command]


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Block signals while a process is started and stored.

    A signal handler that raises between the two would leave a process that is stored nowhere. The command must be
    run by this module, which unblocks the signals again.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BLOCKED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main() -> None:
    """Ask for the signal, then replace this process by the command."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _BLOCKED)
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the parent ended before its child began")
    os.execvp(command[0], command)  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main()
