"""The command line in a temporary directory, and an API on a real port for it to call."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import WSGIRequestHandler, make_server

from config.settings import Settings
from doubles import ADMIN_KEY, PRODUCER_KEY, KnownNames, PublishedRecoveries, RecordedIds
from scripted_service import ScriptedService
from stores import Store
from webhooks.store.connection import Client
from webhooks_api.app import create_app
from webhooks_cli.__main__ import main
from webhooks_client.retries import Clock


class CommandLine:
    """Runs `webhooks` in a directory, with only those settings that a test passes.

    Attributes:
        directory: the working directory, which may contain `var/`.
        environment: the environment variables.
        clock: the clock for the commands; None for the system's.
        encoding: the encoding of the standard streams.
    """

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.environment = environment
        self.clock: Clock | None = None
        self.encoding = "utf-8"

    def __call__(self, *arguments: str | Path, stdin: str | bytes | None = None, **environment: str) -> Result:
        """Run a command."""
        unset = {name: None for name in os.environ if name.startswith("WEBHOOKS_")}
        with contextlib.chdir(self.directory):
            return CliRunner(charset=self.encoding).invoke(
                main,
                [str(argument) for argument in arguments],
                input=stdin,
                env={**unset, **self.environment, **environment},
                obj=self.clock,
                catch_exceptions=False,
            )

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file, and return its path."""
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Log nothing."""


@pytest.fixture
def api_url(settings: Settings, fake_redis: Client) -> Iterator[str]:
    """The URL of the API, which uses fakeredis and listens on a real port."""
    app = create_app(
        settings, fake_redis, RecordedIds(), publish_recovery=PublishedRecoveries(), names=KnownNames()
    )
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The store of the API."""
    return Store(fake_redis)


@pytest.fixture
def webhooks(tmp_path: Path, api_url: str) -> CommandLine:
    """The command line of an operator and a producer; the fixture `customer` adds a customer's key."""
    return CommandLine(
        tmp_path, WEBHOOKS_URL=api_url, WEBHOOKS_ADMIN_KEY=ADMIN_KEY, WEBHOOKS_PRODUCER_KEY=PRODUCER_KEY
    )


@pytest.fixture
def customer(webhooks: CommandLine) -> str:
    """Create an account that may use everything, set its API key, and return its refId."""
    options = ["--title", "Acme", "--email", "ops@acme.example", "--plan", "enterprise", "--add-on", "messaging"]
    account = json.loads(webhooks("accounts", "create", *options, "--json").stdout)
    webhooks.environment["WEBHOOKS_API_KEY"] = account["apiKey"]
    return str(account["refId"])


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService().running() as running:
        yield running


@pytest.fixture
def scripted(tmp_path: Path, service: ScriptedService) -> CommandLine:
    """The command line of a customer and a producer, whose API is the scripted service."""
    return CommandLine(
        tmp_path,
        WEBHOOKS_URL=service.url,
        WEBHOOKS_API_KEY="canary-api-key",
        WEBHOOKS_PRODUCER_KEY="canary-producer-key",
    )
