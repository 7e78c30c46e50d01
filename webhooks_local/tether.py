"""`python -m webhooks_local.tether PARENT COMMAND…`: become COMMAND, but end when PARENT ends, even by SIGKILL.

Linux sends the signal asked for here when the thread that started this process is gone. Elsewhere nothing is
asked for, and a killed parent leaves its child behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1
_HELD_BACK = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def tethered(command: list[str]) -> list[str]:
    """Return `command` so that it gets a SIGTERM when the process that starts it is gone."""
    return [sys.executable, "-m", "webhooks_local.tether", str(os.getpid()), *command]


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Let signals wait while a process is being started and noted down.

    The exception of a handler would otherwise come between the two, and nobody would know of the process.
    What is started must be `tethered`, which lets signals through again.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main() -> None:
    """Ask for the signal, then run the command in this process' place."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the parent was gone before its child began")
    os.execvp(command[0], command)  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main()
