"""`make run` and `make demo`: all processes start and stop, and an obstacle is reported in one line."""

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

# `web` is ready at once; `worker` takes a moment to stop, as it waits for its calls; `beat` has a child process.
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
    print("stopped while Redis still ran", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("working")
time.sleep(1000)
"""
OWN_VARIABLES = ("WEBHOOKS_", "REDIS_URL", "PORT", "HTTP_PROXY", "http_proxy", "EMBEDDED_")


class Launcher:
    """Runs `python -m <module>` in its own process group. A context manager; leaving it kills all processes."""

    def __init__(self, directory: Path, module: str = "webhooks_local.run", **settings: str) -> None:
        directory.mkdir(exist_ok=True)
        (directory / "web.py").write_text(WEB)
        (directory / "worker.py").write_text(WORKER)
        if not (directory / "Procfile").exists():
            (directory / "Procfile").write_text(PROCFILE)
        self.directory = directory
        self._module = module
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
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
        """The output of all processes so far."""
        return self._output.read_text()

    def wait_for_output(self, text: str) -> None:
        """Wait until `text` has been printed; AssertionError after a minute."""
        wait_until(lambda: text in self.output, f"{text!r} in the output", lambda: self.output)

    def wait_until_ended(self, seconds: float = 60) -> int:
        """Wait for the end and return the exit code; TimeoutExpired after `seconds`."""
        return self.process.wait(seconds)

    def left(self) -> list[int]:
        """Return the other processes that run in the directory or in one below it."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):  # it has ended meanwhile, or belongs to another user
                if path.readlink().is_relative_to(self.directory):
                    found.append(int(path.parent.name))
        return [pid for pid in found if pid != self.process.pid]


def wait_until(
    condition: Callable[[], object], what: str, situation: Callable[[], object], seconds: float = 60
) -> None:
    """Wait until `condition` is true; AssertionError with `what` and the `situation` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}; instead: {situation()}")
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_all_processes(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """SIGTERM comes from a supervisor, SIGINT from a Ctrl-C to the whole group.

    Redis stops last, so that the worker can record the calls that it waits for.
    """
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        launcher.wait_for_output("working")
        assert len(launcher.left()) >= 4  # Redis and the three of the Procfile
        os.killpg(launcher.process.pid, number)
        assert launcher.wait_until_ended() == code
        assert "stopped while Redis still ran" in launcher.output
        assert not launcher.left()


@pytest.mark.parametrize("moment", range(4))
def test_a_signal_during_the_start_leaves_no_process(tmp_path: Path, moment: int) -> None:
    """The signal comes when Redis has started, or the first, second or third process."""
    with Launcher(tmp_path) as launcher:
        wait_until(lambda: len(launcher.left()) > moment, "a start", lambda: launcher.output)
        launcher.process.terminate()
        assert launcher.wait_until_ended() == 143
        assert not launcher.left()


def test_all_processes_stop_when_one_ends(tmp_path: Path) -> None:
    """The exit code is that of the process that ended."""
    (tmp_path / "Procfile").write_text("web: sleep 1000\nworker: sleep 0.3; exit 7\n")
    with Launcher(tmp_path) as launcher:
        assert launcher.wait_until_ended() == 7
        assert not launcher.left()


@pytest.mark.alone
def test_all_processes_stop_when_redis_ends(tmp_path: Path) -> None:
    """The embedded Redis is not in the Procfile."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        [redis] = [pid for pid in launcher.left() if Path(f"/proc/{pid}/cwd").readlink().name == "redis"]
        os.kill(redis, signal.SIGKILL)
        assert launcher.wait_until_ended() == 1
        assert "embedded Redis ended by itself" in launcher.output
        assert not launcher.left()


@pytest.mark.alone
def test_a_killed_launcher_leaves_no_process(tmp_path: Path) -> None:
    """After SIGKILL no worker must go on delivering."""
    (tmp_path / "Procfile").write_text("web: sleep 1000\nworker: sleep 1000\n")
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("worker started")
        launcher.process.kill()
        launcher.wait_until_ended()
        wait_until(lambda: not launcher.left(), "all gone", launcher.left)


def test_a_second_start_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    """Two launchers would share the data directory of Redis."""
    with Launcher(tmp_path) as first:
        first.wait_for_output("Ringback is ready.")
        with Launcher(tmp_path) as second:
            assert second.wait_until_ended() == 1
            assert second.output == "ringback: it already runs in this checkout, or is still stopping\n"


def test_the_printed_url_works_for_curl_and_the_client(tmp_path: Path) -> None:
    """The printed URL leads to the API, also if it listens on 0.0.0.0."""
    port = free_port()
    with Launcher(tmp_path, PORT=str(port), WEBHOOKS_HOST="0.0.0.0") as launcher:  # noqa: S104
        launcher.wait_for_output("Ringback is ready.")
        (url,) = re.findall(r"^  API {2,}(\S+)", launcher.output, re.MULTILINE)
        assert url == f"http://127.0.0.1:{port}/api"
        assert read_base_url(url) == f"http://127.0.0.1:{port}"


def test_the_run_file_has_the_url_and_whether_make_run_is_running(tmp_path: Path) -> None:
    port = free_port()
    var = tmp_path / "var"
    with Launcher(tmp_path, PORT=str(port)) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        assert find_local_run(var) == LocalRun(f"http://127.0.0.1:{port}", is_running=True)
        launcher.process.terminate()
        launcher.wait_until_ended()
        assert find_local_run(var) == LocalRun(f"http://127.0.0.1:{port}", is_running=False)


def test_the_demo_uses_a_make_run_on_another_port(tmp_path: Path) -> None:
    """The demo has another PORT, and a second `make run` could not start."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        with Launcher(tmp_path, "webhooks_local.demo", PORT=str(free_port()), PYTHONUNBUFFERED="1") as demo:
            demo.wait_for_output("Using the Ringback at http://127.0.0.1:")


def test_a_malformed_setting_is_reported_in_one_line(tmp_path: Path) -> None:
    """Nothing is started."""
    with Launcher(tmp_path, WEBHOOKS_RETRY_DELAYS="soon") as launcher:
        assert launcher.wait_until_ended() == 2
        assert launcher.output == "ringback: WEBHOOKS_RETRY_DELAYS must hold positive numbers only\n"


def test_a_port_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Launcher(tmp_path, PORT=port) as launcher:
            assert launcher.wait_until_ended() == 1
            assert f"the API cannot listen on 127.0.0.1, port {port}: Address already in use" in launcher.output
            assert launcher.output.count("\n") == 1


def test_an_unreachable_redis_is_reported_in_one_line(tmp_path: Path) -> None:
    with Launcher(tmp_path, REDIS_URL=f"redis://:hidden@127.0.0.1:{free_port()}/0") as launcher:
        assert launcher.wait_until_ended() == 1
        assert "REDIS_URL is set, but Redis cannot be used there: " in launcher.output
        assert launcher.output.count("\n") == 1
        assert "hidden" not in launcher.output


def test_a_key_from_the_environment_is_not_printed(tmp_path: Path) -> None:
    """A key in the environment may come from a vault, and must not appear in a log."""
    with Launcher(tmp_path, WEBHOOKS_ADMIN_KEY="from-a-vault") as launcher:
        launcher.wait_for_output("Ringback is ready.")
        assert "as set in WEBHOOKS_ADMIN_KEY" in launcher.output
        assert "from-a-vault" not in launcher.output


def test_the_printed_redis_url_works_with_the_stored_password(tmp_path: Path) -> None:
    """`webhooks secrets reseal` needs the URL. The password itself is not printed."""
    with Launcher(tmp_path) as launcher:
        launcher.wait_for_output("Ringback is ready.")
        (url,) = re.findall(r"REDIS_URL=(\S+)\)", launcher.output)
        password = read_keys(tmp_path / "var")[REDIS_PASSWORD]
        assert password not in launcher.output
        with Redis.from_url(url.replace(f"${REDIS_PASSWORD}", password)) as redis:
            assert redis.ping()


def test_the_demo_finds_every_promise_kept(tmp_path: Path) -> None:
    """With the real processes and shorter delays. No process is left afterwards."""
    (tmp_path / "Procfile").write_text((Path(__file__).parents[2] / "Procfile").read_text())
    short_delays = {"WEBHOOKS_RETRY_DELAYS": "0.3,0.6", "WEBHOOKS_TIMEOUT": "0.5"}
    with Launcher(tmp_path, "webhooks_local.demo", **short_delays) as demo:
        assert demo.wait_until_ended(300) == 0, demo.output
        assert "✗" not in demo.output
        assert "Every promise was kept." in demo.output
        assert not demo.left()
