"""Receivers with faulty TLS are never called, and the log tells the faults apart."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from transport.conftest import LOOPBACK, TIMEOUT, post_with
from transport.raw_server import RawServer
from webhooks.http.call import Detail, Failure
from webhooks.http.transport import Transport

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path) -> Iterator[Transport]:
    """A transport that trusts this CA."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    transport = Transport(TIMEOUT, "Ringback/test", LOOPBACK, tmp_path / "ca.pem")
    yield transport
    transport.close()


def saved(certificate: trustme.LeafCert, directory: Path) -> Path:
    path = directory / "certificate.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.mark.parametrize(
    ("detail", "name", "begins", "ends"),
    [
        (Detail.EXPIRED, "127.0.0.1", NOW - 2 * DAY, NOW - DAY),
        (Detail.NOT_YET_VALID, "127.0.0.1", NOW + DAY, NOW + 2 * DAY),
        (Detail.WRONG_NAME, "127.0.0.2", NOW - DAY, NOW + DAY),
        (Detail.WRONG_NAME, "hooks.example", NOW - DAY, NOW + DAY),
    ],
)
def test_the_fault_of_a_certificate_is_reported(
    trusting: Transport,
    authority: trustme.CA,
    tmp_path: Path,
    detail: Detail,
    name: str,
    begins: datetime,
    ends: datetime,
) -> None:
    certificate = authority.issue_cert(name, not_before=begins, not_after=ends)
    with RawServer(ANSWER, saved(certificate, tmp_path)) as server:
        outcome = post_with(trusting, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (None, Failure.TLS, detail)


def test_a_certificate_of_an_unknown_authority_is_untrusted(trusting: Transport, tmp_path: Path) -> None:
    with RawServer(ANSWER, saved(trustme.CA().issue_cert("127.0.0.1"), tmp_path)) as server:
        outcome = post_with(trusting, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (None, Failure.TLS, Detail.UNTRUSTED)


def test_a_receiver_with_old_tls_only_is_refused(
    trusting: Transport, authority: trustme.CA, tmp_path: Path
) -> None:
    with RawServer(ANSWER, saved(authority.issue_cert("127.0.0.1"), tmp_path)) as server:
        with warnings.catch_warnings(action="ignore"):  # Python warns about old TLS
            server.tls.minimum_version = ssl.TLSVersion.TLSv1
            server.tls.maximum_version = ssl.TLSVersion.TLSv1_1
            server.tls.set_ciphers("ALL:@SECLEVEL=0")
        outcome = post_with(trusting, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (None, Failure.TLS, Detail.TOO_OLD)


def test_a_receiver_without_tls_is_a_failed_handshake(trusting: Transport) -> None:
    with RawServer(ANSWER, certificate=None) as server:
        outcome = post_with(trusting, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (None, Failure.TLS, None)
