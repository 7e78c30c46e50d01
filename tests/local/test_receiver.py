"""The local receiver, over real TLS."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from urllib.parse import urlsplit

import pytest
import requests

from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver


@pytest.fixture
def http_session(certificates: Certificates) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # no proxy, no .netrc
        session.verify = str(certificates.authority)
        yield session


def test_calls_are_stored_as_received(receiver: Receiver, http_session: requests.Session) -> None:
    before = time.time()
    answer = http_session.post(receiver.url("/ok/one"), data=b'{"a":1}', headers={"X-Odd": "as Sent"})
    http_session.get(receiver.url("/ok/two?x=1"))
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    [call] = receiver.calls("/ok/one")
    assert (call.method, call.body, call.json) == ("POST", b'{"a":1}', {"a": 1})
    assert ("X-Odd", "as Sent") in call.headers
    assert before <= call.received <= time.time()
    assert [call.path for call in receiver.calls()] == ["/ok/one", "/ok/two?x=1"]


@pytest.mark.parametrize("code", [200, 204, 304, 418, 503])
def test_status_answers_with_the_status_of_its_path(
    receiver: Receiver, http_session: requests.Session, code: int
) -> None:
    assert http_session.post(receiver.url(f"/status/{code}/x")).status_code == code


def test_fail_counts_the_failures_of_each_path(receiver: Receiver, http_session: requests.Session) -> None:
    def statuses(path: str) -> list[int]:
        return [http_session.post(receiver.url(path)).status_code for _ in range(3)]

    assert statuses("/fail/2/x") == [500, 500, 200]
    assert statuses("/fail/1/y") == [500, 200, 200]


def test_redirect_leads_to_a_path_that_answers_200(receiver: Receiver, http_session: requests.Session) -> None:
    """So that the receiver notices a caller that follows redirects."""
    answer = http_session.post(receiver.url("/redirect/x"), allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ok/redirected/x")
    http_session.post(receiver.url("/redirect/x"))
    assert len(receiver.calls("/ok/redirected/x")) == 1


def test_close_ends_the_connection_without_an_answer(receiver: Receiver, http_session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError):
        http_session.post(receiver.url("/close/x"), data=b"{}")
    assert len(receiver.calls("/close/x")) == 1


def test_an_unknown_behaviour_is_answered_404(receiver: Receiver, http_session: requests.Session) -> None:
    assert http_session.post(receiver.url("/okay")).status_code == 404


def test_connections_are_kept_alive(receiver: Receiver, certificates: Certificates) -> None:
    address = urlsplit(receiver.url("/"))
    context = ssl.create_default_context(cafile=certificates.authority)
    connection = http.client.HTTPSConnection(address.netloc, context=context)
    sockets = set()
    for _ in range(3):
        connection.request("POST", "/ok/x", b"{}")
        connection.getresponse().read()
        sockets.add(id(connection.sock))
    connection.close()
    assert len(sockets) == 1


@pytest.mark.alone
@pytest.mark.parametrize("path", ["/hang/x", "/drip/x"])
def test_the_receiver_closes_at_once_while_a_call_hangs(
    certificates: Certificates, http_session: requests.Session, path: str
) -> None:
    """The call is stored, and its open connection does not delay the close."""
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver(certificates.receiver))
        call = threading.Thread(target=partial(_call_without_answer, http_session, receiver.url(path)))
        call.start()
        receiver.wait_for(path, 1, 60)
        assert call.is_alive()
        with Machine() as machine:
            stack.close()
    assert machine.seconds < 1 + machine.slack
    call.join(60)
    assert not call.is_alive()


def _call_without_answer(session: requests.Session, url: str) -> None:
    with suppress(requests.ConnectionError):
        session.post(url)


def test_a_client_without_tls_does_not_block_other_calls(
    receiver: Receiver, http_session: requests.Session
) -> None:
    """The handshake happens in the thread of the connection, not in the one that accepts connections."""
    address = urlsplit(receiver.url("/"))
    with socket.create_connection((str(address.hostname), address.port or 0)):
        assert http_session.post(receiver.url("/ok/x"), timeout=5).status_code == 200


def test_a_timeout_names_the_received_calls(receiver: Receiver, http_session: requests.Session) -> None:
    http_session.post(receiver.url("/ok/other"))
    with pytest.raises(TimeoutError, match=r"0 of 1 calls of /ok/x in 0.01 s; all calls: POST /ok/other"):
        receiver.wait_for("/ok/x", 1, 0.01)
