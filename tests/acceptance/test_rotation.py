"""During the rotation of a secret, running processes serve receivers with the old and the new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from running import HUNG, Customer, Running
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Call, Receiver, verify

SECRET = "/api/hook/webhook/secret"


@pytest.fixture
def running(empty_databases: Iterator[str], certificates: Certificates, tmp_path: Path) -> Iterator[Running]:
    """Has delays that are long enough to rotate a secret, even on a slow machine."""
    url = next(empty_databases)
    with Running(url, certificates.authority, tmp_path, WEBHOOKS_RETRY_DELAYS="6,6") as running:
        yield running


def test_a_retry_during_a_rotation_is_signed_with_both_secrets(running: Running, receiver: Receiver) -> None:
    """Between attempts 1 and 2, and between 2 and 3."""
    customer = Customer(running)
    path = "/status/500/rotation"
    customer.call("POST", SECRET, {"secret": "old"})
    customer.call("POST", "/api/hook/webhook", {"action": "social", "url": receiver.url(path)})
    running.send({**SAMPLES["social-link"], "refId": customer.ref_id})

    def verifies(attempt: int) -> tuple[bool, bool]:
        call: Call = receiver.wait_for(path, attempt, deadline_seconds=HUNG)[attempt - 1]
        return verify(call, "old"), verify(call, "new")

    assert verifies(1) == (True, False)
    assert customer.call("POST", SECRET, {"secret": "new"})["status"] == "success"
    assert verifies(2) == (True, True)
    assert customer.call("DELETE", SECRET)["status"] == "success"
    assert verifies(3) == (False, True)
