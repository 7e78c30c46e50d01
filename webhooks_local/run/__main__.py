"""`make run`: Redis (unless REDIS_URL is set), API, worker and beat on this machine, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

from config.settings import Settings, SettingsError
from webhooks_local.embedded_redis import EmbeddedRedis, RedisFailedError
from webhooks_local.keys import REDIS_PASSWORD
from webhooks_local.private_files import AlreadyLockedError, locked, make_private_directory
from webhooks_local.run.banner import banner, base_url, wait_until_ready
from webhooks_local.run.environment import local_environment
from webhooks_local.run.preconditions import CannotStartError, check_address, check_redis
from webhooks_local.run.processes import Processes
from webhooks_local.run.run_file import recorded_run

VAR = Path("var")
"""Contains everything that is made on this machine, in the directory of the checkout."""


def run(given: Mapping[str, str]) -> int:
    """Run until a signal arrives or a process ends; then all processes are stopped.

    Args:
        given: the environment; its settings override the local ones.

    Returns:
        the exit code of the first process that ended, or 130 after Ctrl-C, 143 after SIGTERM.

    Raises:
        SettingsError: a setting is malformed; nothing was started.
        AlreadyLockedError: `make run` runs in this directory already.
        CannotStartError, RedisFailedError: it cannot start; nothing was left running.
    """
    procfile = Path("Procfile")
    if not procfile.is_file():
        raise CannotStartError("there is no Procfile here: start this in Ringback's checkout")
    make_private_directory(VAR)
    with locked(VAR / "run.lock", wait=False), ExitStack() as stack:
        environment = local_environment(given, VAR)
        # The processes get the password only as a part of REDIS_URL.
        password = environment.pop(REDIS_PASSWORD)
        embedded = None
        if not given.get("REDIS_URL", "").strip():
            embedded = EmbeddedRedis(VAR / "redis", password)
            environment["REDIS_URL"] = embedded.url
        settings = Settings.from_environment(environment)
        check_address(settings.host, settings.port)
        if embedded is None:
            check_redis(settings.redis)
        else:
            stack.enter_context(embedded)  # entered first, so that it is stopped last
        url = base_url(settings.host, settings.port)
        stack.enter_context(recorded_run(VAR, url))
        data = "at REDIS_URL"
        if embedded:
            data = f"{VAR / 'redis'}  (REDIS_URL=redis://:${REDIS_PASSWORD}@{embedded.address}/0)"
        text = banner(url, environment, given, VAR, data)

        def watch() -> None:
            threading.Thread(target=_announce, args=(url, text), daemon=True).start()
            if embedded:
                threading.Thread(target=_stop_if_lost, args=(embedded,), daemon=True).start()

        code = Processes(procfile.read_text(), environment, when_started=watch).run()
        return 1 if embedded and embedded.lost else code


def _announce(url: str, text: str) -> None:
    try:
        wait_until_ready(url)
    except TimeoutError as error:
        text = f"{error}\n"
    with suppress(OSError):  # standard output is closed
        print(text, end="", flush=True)


def _stop_if_lost(embedded: EmbeddedRedis) -> None:
    embedded.wait()
    if embedded.lost:
        print(f"ringback: the embedded Redis ended by itself; its log is {embedded.log}", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGTERM)


def _exit_on_signal(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run, and print an error in one line."""
    # During the start a signal unwinds the stack; once the processes run, honcho handles it.
    signal.signal(signal.SIGTERM, _exit_on_signal)
    signal.signal(signal.SIGINT, _exit_on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` asks to ignore it
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        return run(os.environ)
    except SettingsError as error:
        print(f"ringback: {error}", file=sys.stderr)
        return 2
    except AlreadyLockedError:
        print("ringback: it already runs in this checkout, or is still stopping", file=sys.stderr)
        return 1
    except (CannotStartError, RedisFailedError, OSError) as error:
        print(f"ringback: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
