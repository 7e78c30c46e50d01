"""A Python client that openapi-python-client makes of the OpenAPI document works, with the types it promises."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from running import ADMIN_KEY, PRODUCER_KEY, Customer, Running, wait_until
from samples import sample
from webhooks_local.receiver import Receiver

SETTINGS = Path(__file__).parent / "python" / "generator.yaml"
NAME = "ringback_generated"


class Generated:
    """The generated package: its calls and its types by name.

    Args:
        url: where the API is.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = importlib.import_module(f"{NAME}.client").AuthenticatedClient
        self.models: Any = importlib.import_module(f"{NAME}.models")

    def call(self, tag: str, operation: str, key: str, **arguments: Any) -> Any:
        """Make a call and return its answer, of the type that the document promises."""
        with self._client(self._url, key) as client:
            return importlib.import_module(f"{NAME}.api.{tag}.{operation}").sync(client=client, **arguments)


@pytest.fixture(scope="module")
def generated(running: Running, document: Path, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    target = tmp_path_factory.mktemp("generated")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *("--path", document, "--output-path", target / NAME, "--meta", "none", "--config", SETTINGS),
        ],
        check=True,
        timeout=120,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(target)
        return Generated(running.url)


@pytest.fixture
def customer(running: Running) -> Customer:
    return Customer(running)


def register(generated: Generated, customer: Customer, url: str) -> Any:
    body = generated.models.RegisterBody(action="social", url=url)
    return generated.call("webhook", "register_webhook", customer.key, body=body)


def social(generated: Generated, ref_id: str) -> Any:
    return generated.models.Social.from_dict({**sample("social-link"), "refId": ref_id})


def test_it_opens_an_account(generated: Generated) -> None:
    body = generated.models.AccountBody(title="Acme", email="ops@acme.example", plan="business")
    opened = generated.call("accounts", "open_account", ADMIN_KEY, body=body)
    assert isinstance(opened, generated.models.AccountCreated)
    assert (opened.plan, len(opened.ref_id), opened.add_ons) == ("business", 40, [])


def test_it_registers_and_lists_webhooks(generated: Generated, customer: Customer, receiver: Receiver) -> None:
    url = receiver.url("/ok/generated-registers")
    registered = register(generated, customer, url)
    assert (registered.status, registered.url, registered.ref_id) == ("success", url, customer.ref_id)
    listed = generated.call("webhook", "list_webhooks", customer.key)
    assert (listed.social, isinstance(listed.feed, str)) == (url, False)


def test_it_sends_one_event_and_shows_its_delivery(
    generated: Generated, customer: Customer, receiver: Receiver
) -> None:
    register(generated, customer, receiver.url("/ok/generated-one"))
    event = social(generated, customer.ref_id)
    sent = generated.call("events", "send_events", PRODUCER_KEY, body=event)
    assert isinstance(sent, generated.models.PublishedAnswer)
    assert sent.state == "queued"

    def show() -> Any:
        return generated.call("deliveries", "show_delivery", customer.key, hook_id=sent.hook_id)

    wait_until(lambda: show().state == "delivered", 60, "delivered")
    (attempt,) = show().attempts
    assert (attempt.status, attempt.error, attempt.phases.first_byte is not None) == (200, None, True)
    (listed,) = generated.call("deliveries", "list_deliveries", customer.key).deliveries
    assert (listed.hook_id, listed.action) == (sent.hook_id, "social")


def test_the_answer_says_which_of_many_events_were_refused(
    generated: Generated, customer: Customer, receiver: Receiver
) -> None:
    register(generated, customer, receiver.url("/ok/generated-many"))
    good, stranger = (social(generated, ref_id) for ref_id in (customer.ref_id, "0" * 40))
    models = generated.models
    body = models.SendEventsEvents(events=[good, stranger])
    sent = generated.call("events", "send_events", PRODUCER_KEY, body=body)
    assert (sent.status, sent.accepted, sent.rejected) == ("partial", 1, 1)
    accepted, refused = sent.events
    assert isinstance(accepted, models.PublishedAnswer)
    assert isinstance(refused, models.Refusal)
    assert (accepted.state, refused.code) == ("queued", 144)


def test_it_raises_the_errors_of_the_api(generated: Generated, customer: Customer) -> None:
    refused = register(generated, customer, "http://example.com/")
    assert isinstance(refused, generated.models.Error)
    assert (refused.action, refused.code, set(refused.errors.to_dict())) == ("webhook", 101, {"url"})
