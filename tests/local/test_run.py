"""`make run` and `make demo`: everything starts, everything stops, and an obstacle is said in one line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from redis import Redis

from webhooks_client.base_url import read_base_url
from webhooks_local.keys import REDIS_PASSWORD, read_keys
from webhooks_local.ports import free_port
from webhooks_local.run.run_file import LocalRun, find_local_run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds leftover processes in /proc")

# `web` is ready at once; `worker` takes a moment to stop, as it lets its calls end; `beat` has a child.
PROCFILE = f"""\
web: exec {sys.executable} -u web.py
worker: exec {sys.executable} -u worker.py
beat: sleep 1000; echo never
"""
WEB = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
host = os.environ.get("WEBHOOKS_HOST", "127.0.0.1")
http.server.HTTPServer((host, int(os.environ["PORT"])), Ready).serve_forever()
"""
WORKER = """
import os, signal, sys, time, redis
def stop(*_):
    time.sleep(0.3)
    redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
    print("let its calls end, with Redis", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("working")
time.sleep(1000)
"""
OURS = ("WEBHOOKS_", "REDIS_URL", "PORT", "HTTP_PROXY", "http_proxy", "EMBEDDED_")


class Launcher:
    """`python -m <module>` in a process group of its own, started on entering.

    On leaving it is killed, with all that is left.
    """

    def __init__(self, directory: Path, module: str = "webhooks_local.run", **settings: str) -> None:
        directory.mkdir(exist_ok=True)
        (directory / "web.py").write_text(WEB)
        (directory / "worker.py").write_text(WORKER)
        if not (directory / "Procfile").exists():
            (directory / "Procfile").write_text(PROCFILE)
        self.directory = directory
        self._module = module
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self._environment = kept | {"PORT": str(free_port())} | settings
        self._output = directory / f"output-{uuid.uuid4()}"

    def __enter__(self) -> Self:
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.wait()
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @property
    def output(self) -> str:
        """What it and its processes have printed so far."""
        return self._output.read_text()

    def wait_for_output(self, text: str) -> None:
        """Return when `text` has been printed; AssertionError after a minute."""
        wait_until(lambda: text in self.output, f"{text!r} in the output", lambda: self.output)

    def wait_until_ended(self, seconds: float = 60) -> int:
        """Return the exit code; TimeoutExpired after so many seconds."""
        return self.process.wait(seconds)

    def left(self) -> list[int]:
        """Return the processes, besides itself, that run in its directory or in one below."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):  # it has ended meanwhile, or is somebody else's
                if path.readlink().is_relative_to(self.directory):
                    found.append(int(path.parent.name))
        return [pid for pid in found if pid != self.process.pid]


def wait_until(
    condition: Callable[[], object], what: str, situation: Callable[[], object], seconds: float = 60
) -> None:
    """Return when `condition` holds; AssertionError with `what` and the `situation` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}; instead: {situation()}")
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_everything(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """SIGTERM from a supervisor, or Ctrl-C to the whole group, and no process is left.

    The worker lets its calls end and can still write them down, as Redis goes last.
    """
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        launcher.wait_for_output("working")
        assert len(launcher.left()) >= 4  # Redis and the three of the Procfile
        os.killpg(launcher.process.pid, number)
        assert launcher.wait_until_ended() == code
        assert "let its calls end, with Redis" in launcher.output
        assert not launcher.left()


@pytest.mark.parametrize("moment", range(4))
def test_a_signal_in_the_first_moments_leaves_nothing(tmp_path: Path, moment: int) -> None:
    """Whenever it comes: when Redis is up, the first process, the second, the third."""
    with Launcher(tmp_path) as launcher:
        wait_until(lambda: len(launcher.left()) > moment, "a start", lambda: launcher.output)
        launcher.process.terminate()
        assert launcher.wait_until_ended() == 143
        assert not launcher.left()


def test_a_process_that_ends_takes_the_others_along(tmp_path: Path) -> None:
    """Half a system is worse than none: everything stops, with that process' exit code."""
    (tmp_path / "Procfile").write_text("web: sleep 1000\nworker: sleep 0.3; exit 7\n")
    with Launcher(tmp_path) as launcher:
        assert launcher.wait_until_ended() == 7
        assert not launcher.left()


@pytest.mark.alone
def test_redis_that_ends_takes_the_others_along(tmp_path: Path) -> None:
    """Likewise the embedded Redis, which is not in the Procfile."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        [redis] = [pid for pid in launcher.left() if Path(f"/proc/{pid}/cwd").readlink().name == "redis"]
        os.kill(redis, signal.SIGKILL)
        assert launcher.wait_until_ended() == 1
        assert "embedded Redis ended by itself" in launcher.output
        assert not launcher.left()


@pytest.mark.alone
def test_a_killed_launcher_leaves_nothing(tmp_path: Path) -> None:
    """Not even SIGKILL leaves a worker that delivers although Ringback is stopped."""
    (tmp_path / "Procfile").write_text("web: sleep 1000\nworker: sleep 1000\n")
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("worker started")
        launcher.process.kill()
        launcher.wait_until_ended()
        wait_until(lambda: not launcher.left(), "all gone", launcher.left)


def test_a_second_start_says_so(tmp_path: Path) -> None:
    """Two launchers would share one directory of Redis data."""
    with Launcher(tmp_path) as first:
        first.wait_for_output("Ringback is ready.")
        with Launcher(tmp_path) as second:
            assert second.wait_until_ended() == 1
            assert second.output == "ringback: it already runs in this checkout, or is still stopping\n"


def test_what_it_prints_is_a_base_url_for_curl_and_the_client(tmp_path: Path) -> None:
    """Whatever the address that it listens on, the printed one leads there."""
    port = free_port()
    with Launcher(tmp_path, PORT=str(port), WEBHOOKS_HOST="0.0.0.0") as launcher:  # noqa: S104
        launcher.wait_for_output("Ringback is ready.")
        (url,) = re.findall(r"^  API {2,}(\S+)", launcher.output, re.MULTILINE)
        assert url == f"http://127.0.0.1:{port}/api"
        assert read_base_url(url) == f"http://127.0.0.1:{port}"


def test_it_leaves_word_of_where_it_is_and_of_its_end(tmp_path: Path) -> None:
    port = free_port()
    var = tmp_path / "var"
    with Launcher(tmp_path, PORT=str(port)) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        assert find_local_run(var) == LocalRun(f"http://127.0.0.1:{port}", runs=True)
        launcher.process.terminate()
        launcher.wait_until_ended()
        assert find_local_run(var) == LocalRun(f"http://127.0.0.1:{port}", runs=False)


def test_the_demo_uses_what_runs_beside_it_on_another_port(tmp_path: Path) -> None:
    """Its own PORT says nothing of that; to start a second one would fail."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        with Launcher(tmp_path, "webhooks_local.demo", PORT=str(free_port()), PYTHONUNBUFFERED="1") as demo:
            demo.wait_for_output("Using the Ringback at http://127.0.0.1:")


def test_a_malformed_setting_is_one_line(tmp_path: Path) -> None:
    """Before anything is started."""
    with Launcher(tmp_path, WEBHOOKS_RETRY_DELAYS="soon") as launcher:
        assert launcher.wait_until_ended() == 2
        assert launcher.output == "ringback: WEBHOOKS_RETRY_DELAYS must hold positive numbers only\n"


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Launcher(tmp_path, PORT=port) as launcher:
            assert launcher.wait_until_ended() == 1
            assert f"the API cannot listen on 127.0.0.1, port {port}: Address already in use" in launcher.output
            assert launcher.output.count("\n") == 1


def test_a_redis_out_of_reach_is_one_line(tmp_path: Path) -> None:
    with Launcher(tmp_path, REDIS_URL=f"redis://:hidden@127.0.0.1:{free_port()}/0") as launcher:
        assert launcher.wait_until_ended() == 1
        assert "REDIS_URL is set, but Redis cannot be used there: " in launcher.output
        assert launcher.output.count("\n") == 1
        assert "hidden" not in launcher.output


def test_a_key_of_the_operators_is_used_and_not_shown(tmp_path: Path) -> None:
    """What is in the environment may come from a vault; a log is none."""
    with Launcher(tmp_path, WEBHOOKS_ADMIN_KEY="from-a-vault") as launcher:
        launcher.wait_for_output("Ringback is ready.")
        assert "as set in WEBHOOKS_ADMIN_KEY" in launcher.output
        assert "from-a-vault" not in launcher.output


def test_the_embedded_redis_is_found_with_what_is_printed(tmp_path: Path) -> None:
    """By `webhooks secrets reseal`, say; the password itself is not printed."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        (url,) = re.findall(r"REDIS_URL=(\S+)\)", launcher.output)
        password = read_keys(tmp_path / "var")[REDIS_PASSWORD]
        assert password not in launcher.output
        with Redis.from_url(url.replace(f"${REDIS_PASSWORD}", password)) as redis:
            assert redis.ping()


def test_the_demo_finds_every_promise_kept(tmp_path: Path) -> None:
    """The first thing people try, with the real processes and shorter waits; afterwards nothing is left."""
    (tmp_path / "Procfile").write_text((Path(__file__).parents[2] / "Procfile").read_text())
    shorter = {"WEBHOOKS_RETRY_DELAYS": "0.3,0.6", "WEBHOOKS_TIMEOUT": "0.5"}
    with Launcher(tmp_path, "webhooks_local.demo", **shorter) as demo:
        assert demo.wait_until_ended(300) == 0, demo.output
        assert "✗" not in demo.output
        assert "Every promise was kept." in demo.output
        assert not demo.left()
