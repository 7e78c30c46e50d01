"""A low limit of open files: no local shortage counts as a failure of a receiver."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from harness.bench.receiver import DOMAIN, NAME_TTL
from harness.name_server import NameServer
from running import PRODUCER_KEY, Running, wait_until
from samples import SAMPLES
from stores import Store
from webhooks.admission.process_limits import RESERVED, process_limits_within
from webhooks.deliveries.delivery import State
from webhooks.store.connection import connect
from webhooks_local.receiver.behaviours import Reply
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.endpoint import Endpoint

OPEN_FILES = 256
#: Seconds until a slow receiver answers: far below the timeout, and long enough for all calls to be in flight.
SLOW = 1.0


def respond(call: Call) -> Reply:
    """Answer, after a while for some of the calls."""
    if call.path == "/slow":
        time.sleep(SLOW)
    return Reply(200)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a CA, `ca.pem`, and a certificate for all names of the name server."""
    directory = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    authority.issue_cert(f"*.{DOMAIN}").private_key_and_cert_chain_pem.write_to_path(directory / "receiver.pem")
    return directory


@pytest.fixture(scope="module")
def receiver(tls: Path) -> Iterator[int]:
    """The port of a receiver with any number of names."""
    with Endpoint(tls / "receiver.pem", "127.0.0.1", 0, respond) as endpoint:
        yield int(endpoint.url("").rpartition(":")[2])


@pytest.fixture(scope="module")
def running(
    empty_databases: Iterator[str], tls: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, Store]]:
    """A system whose processes may have few open files, and its store."""
    url = next(empty_databases)
    with (
        NameServer() as name_server,
        connect(url) as redis,
        Running(
            url,
            tls / "ca.pem",
            tmp_path_factory.mktemp("few"),
            open_files=OPEN_FILES,
            WEBHOOKS_NAME_SERVERS=name_server.address,
        ) as running,
    ):
        name_server.set_domain(DOMAIN, "127.0.0.1", NAME_TTL)
        yield running, Store(redis)


def send(running: Running, ref_ids: list[str]) -> list[str]:
    """Send an event for each profile, all at once; returns their hookIds."""
    events = [{**SAMPLES["social-link"], "refId": ref_id} for ref_id in ref_ids]
    answer = running.call("POST", "/api/events", PRODUCER_KEY, {"events": events})
    return [event["hookId"] for event in answer.json()["events"]]


def assert_all_arrive_at_once(store: Store, hook_ids: list[str]) -> None:
    """Wait until all have ended; each must have been delivered by its first attempt."""
    deliveries = {hook_id: store.delivery(hook_id) for hook_id in hook_ids}

    def have_ended() -> bool:
        deliveries.update((one, store.delivery(one)) for one in hook_ids if not deliveries[one].state.has_ended)
        return all(delivery.state.has_ended for delivery in deliveries.values())

    wait_until(have_ended, 60, "ended")
    failures = {attempt.outcome.failure for one in deliveries.values() for attempt in one.attempts}
    assert failures == {None}
    assert {len(delivery.attempts) for delivery in deliveries.values()} == {1}
    assert {delivery.state for delivery in deliveries.values()} == {State.DELIVERED}


def events(running: Running, name: str) -> list[dict[str, object]]:
    """Return the log events of a process."""
    return [json.loads(line) for line in running.log(name).splitlines() if line.startswith("{")]


def test_more_slow_calls_than_open_files_all_succeed(running: tuple[Running, Store], receiver: int) -> None:
    system, store = running
    accounts = [store.account(social=f"https://slow-{n}.{DOMAIN}:{receiver}/slow") for n in range(8)]
    assert_all_arrive_at_once(store, send(system, accounts * 40))


def test_idle_connections_leave_open_files_for_more_hosts(running: tuple[Running, Store], receiver: int) -> None:
    """There are more hosts than open files, and a connection to each would be kept."""
    system, store = running
    accounts = [store.account(social=f"https://host-{n}.{DOMAIN}:{receiver}/ok") for n in range(OPEN_FILES + 64)]
    assert_all_arrive_at_once(store, send(system, accounts))
    files = list(Path(f"/proc/{system.fleet.pid('worker')}/fd").iterdir())
    connections = process_limits_within(OPEN_FILES).connections
    assert connections < len(files) <= connections + RESERVED


def test_a_low_limit_of_open_files_is_logged_at_the_start(running: tuple[Running, Store]) -> None:
    system, _ = running
    (warning,) = [event for event in events(system, "worker") if event["event"] == "worker.few_open_files"]
    assert warning["open_files"] == OPEN_FILES
    assert {event["event"] for event in events(system, "web")} >= {"api.few_open_files"}
    assert not [event for event in events(system, "worker") if event["event"] == "worker.out_of_resources"]
