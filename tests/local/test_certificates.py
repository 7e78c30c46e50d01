"""The certificates of a local receiver."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography import x509

from webhooks_local.certificates import ensure_certificates, write_bundle


def test_certificates_are_made_once(var: Path) -> None:
    """A running worker trusts the CA it started with, so a second command must not replace it."""
    first = ensure_certificates(var)
    contents = first.authority.read_bytes(), first.receiver.read_bytes()
    second = ensure_certificates(var)
    assert (second.authority.read_bytes(), second.receiver.read_bytes()) == contents


def test_certificates_report_whether_they_are_new(var: Path) -> None:
    """Processes that run already do not trust new certificates."""
    assert ensure_certificates(var).are_new
    assert not ensure_certificates(var).are_new


def test_existing_certificates_need_no_write_access(var: Path) -> None:
    """The directory may be read-only, or belong to another user."""
    ensure_certificates(var)
    lock = var / "making.lock"
    lock.unlink()
    lock.mkdir()  # a directory cannot be locked, not even by root
    assert ensure_certificates(var).exist


def test_both_files_are_made_again_if_one_is_missing(var: Path) -> None:
    """A new certificate would not match the old CA."""
    certificates = ensure_certificates(var)
    before = certificates.receiver.read_bytes()
    certificates.authority.unlink()
    assert ensure_certificates(var).receiver.read_bytes() != before


def test_the_private_key_of_the_ca_is_not_stored(var: Path) -> None:
    """A reader of the files can act as the receiver, but cannot sign other certificates."""
    certificates = ensure_certificates(var)
    files = [path for path in var.rglob("*") if path.is_file()]
    with_private_key = [path for path in files if b"PRIVATE KEY" in path.read_bytes()]
    assert with_private_key == [certificates.receiver]
    assert certificates.receiver.read_bytes().count(b"PRIVATE KEY-----") == 2  # one key: its begin and end
    assert stat.S_IMODE(certificates.receiver.stat().st_mode) == 0o600


def test_a_bundle_contains_the_given_and_the_local_ca(var: Path, tmp_path: Path) -> None:
    """The bundle of an operator stays trusted."""
    local = ensure_certificates(var).authority
    given = ensure_certificates(tmp_path / "elsewhere").authority
    given.write_bytes(given.read_bytes().rstrip())  # without a newline at the end
    bundle = write_bundle(var, given, local)
    bundled = x509.load_pem_x509_certificates(bundle.read_bytes())
    expected = [x509.load_pem_x509_certificate(path.read_bytes()) for path in (given, local)]
    assert bundled == expected
