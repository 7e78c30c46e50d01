"""The calls themselves, to a misbehaving receiver over real TLS."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from transport.conftest import LOOPBACK, TIMEOUT, Post, post_with
from webhooks.http.call import Call, Failure, Outcome
from webhooks.http.destinations import Destination, read_url
from webhooks.http.shortages import Shortage
from webhooks.http.transport import OnEnd, Transport
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.ports import free_port
from webhooks_local.receiver import Receiver


def test_an_answer_is_reported_by_its_status(post: Post, receiver: Receiver) -> None:
    for path, status in (("/ok/1", 200), ("/status/204/1", 204), ("/status/500/1", 500)):
        outcome = post(receiver.url(path))
        assert (outcome.status, outcome.failure) == (status, None)


def test_a_call_has_its_body_and_each_header_once(post: Post, receiver: Receiver) -> None:
    post(receiver.url("/ok/headers"))
    (call,) = receiver.calls("/ok/headers")
    assert (call.method, call.body) == ("POST", b'{"ok":1}')
    names = [name.lower() for name, _ in call.headers]
    assert len(names) == len(set(names))
    assert call.header("Content-Type") == "application/json"
    assert call.header("Content-Length") == "8"
    assert call.header("User-Agent") == "Ringback/test"
    assert not {"expect", "transfer-encoding", "cookie", "authorization", "accept-encoding"} & set(names)


def test_a_redirect_is_an_answer_and_is_not_followed(post: Post, receiver: Receiver) -> None:
    assert post(receiver.url("/redirect/1")).status == 302
    assert [call.path for call in receiver.calls()] == ["/redirect/1"]


@pytest.mark.alone
@pytest.mark.parametrize("path", ["/hang/1", "/drip/1"])
def test_the_deadline_covers_the_whole_exchange(post: Post, receiver: Receiver, path: str) -> None:
    """A receiver that sends a line now and then gains no time; recorded as 503 (contract section 5)."""
    with Machine() as machine:
        outcome = post(receiver.url(path))
    assert (outcome.status, outcome.failure) == (503, Failure.TIMEOUT)
    assert TIMEOUT <= outcome.milliseconds / 1000 < TIMEOUT + machine.slack


def test_each_failure_without_an_answer_has_a_reason(post: Post, receiver: Receiver) -> None:
    trusting_nobody = Transport(TIMEOUT, "Ringback/test", LOOPBACK)
    outcomes = {
        "dns": post("https://nobody.invalid/"),
        "connect": post(f"https://127.0.0.1:{free_port()}/"),
        "reset": post(receiver.url("/close/1")),
        "tls": post_with(trusting_nobody, receiver.url("/ok/1")),
    }
    trusting_nobody.close()
    assert {word: (one.status, one.failure) for word, one in outcomes.items()} == {
        word: (None, word) for word in outcomes
    }


def test_a_certificate_for_another_name_is_refused(post: Post, certificates: Certificates) -> None:
    """The certificate is for 127.0.0.1, and the receiver listens on 127.0.0.2."""
    with Receiver(certificates.receiver, host="127.0.0.2") as receiver:
        assert post(receiver.url("/ok/1")).failure is Failure.TLS
        assert receiver.calls() == []


def test_an_address_that_is_not_allowed_is_never_connected_to(
    receiver: Receiver, certificates: Certificates
) -> None:
    """By number and by name, as the connected address counts."""
    strict = Transport(TIMEOUT, "Ringback/test", (), certificates.authority)
    port = receiver.url("/").rsplit(":", 1)[1]
    for host in ("127.0.0.1", "localhost"):
        assert post_with(strict, f"https://{host}:{port}ok/1").failure is Failure.BLOCKED
    strict.close()
    assert receiver.calls() == []


def test_proxies_of_the_environment_are_ignored(
    certificates: Certificates, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would make the connection, without the check of the address."""
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority)
    assert post_with(transport, receiver.url("/ok/1")).status == 200
    transport.close()


def test_a_netrc_of_the_environment_is_ignored(
    post: Post, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would send the operator's passwords to a server with the right name."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login operator password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert post(receiver.url("/ok/netrc")).succeeded
    (call,) = receiver.calls("/ok/netrc")
    assert call.header("Authorization") is None


def test_a_dead_kept_connection_is_replaced_once(post: Post, receiver: Receiver) -> None:
    """Only once: by default libcurl repeats the call on each kept connection."""
    for number in range(3):
        assert post(receiver.url(f"/ok/{number}")).succeeded
    assert post(receiver.url("/close/1")).failure is Failure.RESET
    assert len(receiver.calls("/close/1")) == 2


def test_unresponsive_receivers_delay_no_other(receiver: Receiver, certificates: Certificates) -> None:
    transport = Transport(3 * TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority)
    hanging = [threading.Event() for _ in range(100)]
    for number, ended in enumerate(hanging):
        transport.send(Call(read_url(receiver.url(f"/hang/{number}")), {}, b"{}"), _setting(ended))
    assert post_with(transport, receiver.url("/ok/1")).succeeded
    assert not any(ended.is_set() for ended in hanging)
    assert all(ended.wait(10 * TIMEOUT) for ended in hanging)
    transport.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/\u00fc",
        "https://hooks.example/ HTTP/1.1\r\nX-Forged: 1",
        "https://hooks.example/a b",
        "https://user@hooks.example/",
        "http://127.0.0.1/",
    ],
)
def test_an_impossible_call_is_refused_and_affects_no_other(
    transport: Transport, post: Post, receiver: Receiver, url: str
) -> None:
    """Such a URL cannot be registered, but may be in Redis after a manual change."""
    with pytest.raises(ValueError, match=r"URL|ASCII"):
        transport.send(Call(Destination(url, "hooks.example", 443), {}, b"{}"), lambda _: None)
    assert post(receiver.url("/ok/1")).succeeded


def test_a_failed_transport_is_reported(receiver: Receiver, certificates: Certificates) -> None:
    """Otherwise its worker would go on claiming."""
    failed = threading.Event()

    def fail(_: Outcome | Shortage) -> None:
        raise RuntimeError

    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, certificates.authority, on_failure=failed.set)
    with capture_logs() as logs:
        transport.send(Call(read_url(receiver.url("/ok/1")), {}, b"{}"), fail)
        assert failed.wait(60)
    assert [log["event"] for log in logs] == ["transport.failed"]
    transport.send(Call(read_url(receiver.url("/ok/2")), {}, b"{}"), lambda _: None)
    transport.close()
    assert [call.path for call in receiver.calls()] == ["/ok/1"]


def _setting(event: threading.Event) -> OnEnd:
    def on_end(_: Outcome | Shortage) -> None:
        event.set()

    return on_end
