"""Each documented form of each setting, once in real processes, which send a webhook and an e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Self

import pytest
from click.testing import CliRunner

from config.settings import Settings
from doubles import fernet_key
from harness.chaos.rabbitmq import PROGRAM, RabbitMQ
from mail_server import Taken
from running import Customer, Running, wait_until
from samples import SAMPLES
from settings_matrix import RABBIT_PASSWORD, RABBIT_USER, RABBIT_VHOST, STARTS, Start, environment_of
from settings_servers import MAIL_PASSWORD, MAIL_USER, PASSWORD, RECEIVER, Servers, has_ipv6, quoted
from webhooks_cli.__main__ import main
from webhooks_local.certificates import Certificates
from webhooks_local.fleet import Fleet, fleet_environment, procfile_lines
from webhooks_local.ports import free_port
from webhooks_local.run.preconditions import check_redis

#: The number of concurrent starts. They mostly import modules, so more would only wait for each other.
AT_ONCE = 2
#: Seconds until a webhook or an e-mail has been sent, even on a busy machine.
DEADLINE = 60
UNLINK = SAMPLES["social-unlink-system"]  # also makes an e-mail, which the sweep of beat publishes
SECRETS = {PASSWORD, MAIL_PASSWORD, RABBIT_PASSWORD}
PROCESSES = ("web", "worker", "beat")
KEYS = {
    "WEBHOOKS_ADMIN_KEY": "admin",
    "WEBHOOKS_PRODUCER_KEYS": "producer",
    "WEBHOOKS_SECRET_KEYS": fernet_key(1),
}


@dataclass(frozen=True)
class Shown:
    """The results of a start.

    Attributes:
        delivery: the delivery as the API shows it.
        mails: the e-mails that its SMTP server has accepted, if it has one.
        logs: the output of all of its processes.
    """

    delivery: dict[str, Any]
    mails: list[Taken]
    logs: str


class Matrix:
    """The servers, and all starts, as many at once as the machine can run; a context manager."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stack = ExitStack()
        self._rabbitmq = RabbitMQ(directory / "rabbitmq", RABBIT_USER, RABBIT_PASSWORD, RABBIT_VHOST)
        self._servers = Servers(directory, self._rabbitmq.port)
        self._databases = {name: number for number, name in enumerate(STARTS, start=1)}
        self._shown: dict[str, Future[Shown]] = {}
        #: Held by a start that uses RabbitMQ, as the workers of two would take each other's messages.
        self._at_the_broker = Lock()

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def shown(self, name: str) -> Shown:
        """Wait for the results of a start, and return them."""
        return self._shown[name].result()

    def environment(self, name: str) -> dict[str, str]:
        """Return the settings of a start, without its keys."""
        return environment_of(STARTS[name], self._databases[name], self._servers, self._rabbitmq.port)

    def _begin(self) -> None:
        self._stack.enter_context(self._servers)
        pool = self._stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        self._stack.callback(pool.shutdown, cancel_futures=True)
        if PROGRAM:
            self._starting = pool.submit(self._stack.enter_context, self._rabbitmq)
        for name, start in STARTS.items():
            if not missing(start):
                self._shown[name] = pool.submit(self._show, name, start)

    def _show(self, name: str, start: Start) -> Shown:
        if "WEBHOOKS_BROKER_URL" not in start.forms:
            return self._run(name, start)
        self._starting.result()
        with self._at_the_broker:
            return self._run(name, start)

    def _run(self, name: str, start: Start) -> Shown:
        number, settings = self._databases[name], self.environment(name)
        logs = self._directory / f"logs-{number}"
        logs.mkdir()
        url, authority = settings.pop("REDIS_URL"), self._servers.authority
        with Running(url, authority, logs, PROCESSES, open_files=None, **settings) as running:
            customer, title = Customer(running), f"Shop {number}"
            url = self._servers.receiver.url(f"/ok/{number}")
            if "WEBHOOKS_NAME_SERVERS" in settings:
                url = url.replace("127.0.0.1", RECEIVER)
            ref_id = customer.profile(title, social=url)
            hook_id = running.send({**UNLINK, "refId": ref_id})
            wait_until(lambda: bool(self._mails(start, title, running)), DEADLINE, f"sent; see {logs}")
            if start.has_short_timeout:
                wait_until(lambda: bool(customer.delivery(hook_id)["attempts"]), DEADLINE, f"tried; see {logs}")
            else:
                customer.wait_for_state(hook_id, "delivered", DEADLINE)
            shown = Shown(
                customer.delivery(hook_id),
                self._mails(start, title, running) if start.mails else [],
                "".join(map(running.log, PROCESSES)),
            )
            for process in PROCESSES:
                running.fleet.end(process)  # other tests check how processes stop
        return shown

    def _mails(self, start: Start, title: str, running: Running) -> list[Any]:
        """Return the e-mails about this profile, or the log lines that contain them."""
        if not start.mails:
            lines = running.log("worker").splitlines()
            return [line for line in lines if '"mail.logged"' in line and title in line]
        return [mail for mail in self._servers.mails[start.mails].taken() if title in mail.message["Subject"]]


def missing(start: Start) -> str:
    """Return a sentence that names what this machine lacks for a start; empty if nothing is missing."""
    if start.has_ipv6 and not has_ipv6():
        return "this machine has no ::1"
    if "WEBHOOKS_BROKER_URL" in start.forms and PROGRAM is None:
        return "there is no rabbitmq-server on PATH"
    return ""


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with Matrix(tmp_path_factory.mktemp("settings")) as matrix:
        yield matrix


@pytest.fixture(params=STARTS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a start for which this machine has all servers."""
    if reason := missing(STARTS[request.param]):
        pytest.skip(reason)
    return str(request.param)


def test_a_webhook_and_an_email_are_sent_with_each_documented_form(matrix: Matrix, name: str) -> None:
    start, shown = STARTS[name], matrix.shown(name)
    assert start.has_short_timeout or shown.delivery["state"] == "delivered"
    assert shown.delivery["attempts"]
    for mail in shown.mails:
        sender = start.forms.get("EMAIL_FROM", "Ringback <ringback@localhost>")
        has_login = "user:password" in start.forms["SMTP_URL"]
        assert (mail.message["From"], mail.tls) == (sender, "starttls=no" not in start.forms["SMTP_URL"])
        assert mail.user == (MAIL_USER if has_login else None)
    assert [secret for secret in SECRETS | set(map(quoted, SECRETS)) if secret in shown.logs] == []


def test_the_command_line_and_make_run_connect_to_redis(
    matrix: Matrix, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in {**matrix.environment(name), **KEYS}.items():
        monkeypatch.setenv(setting, value)
    check_redis(Settings.from_environment().redis)
    result = CliRunner().invoke(main, ["secrets", "reseal"])
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("process", PROCESSES)
def test_an_unusable_setting_is_reported_in_one_line_at_the_start(
    process: str, certificates: Certificates, tmp_path: Path
) -> None:
    url = "rediss://:canary@host:6379/0?ssl_cert_reqs=CERT_NONE"
    environment = fleet_environment(url, free_port(), certificates.authority, "admin", "producer")
    fleet = Fleet(procfile_lines(), environment, tmp_path)
    try:
        fleet.start(process)
        assert fleet.wait_for_end(process, DEADLINE) == 1
    finally:
        fleet.close()
    assert fleet.log(process).strip() == "Error: REDIS_URL must have required or none as its ssl_cert_reqs"
