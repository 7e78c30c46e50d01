"""Certificates on one machine."""

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


def test_certificates_say_whether_they_were_made_just_now(var: Path) -> None:
    """What runs already does not trust new ones."""
    assert ensure_certificates(var).are_new
    assert not ensure_certificates(var).are_new


def test_certificates_that_are_there_need_no_writing(var: Path) -> None:
    """The directory may be read-only, or somebody else's."""
    ensure_certificates(var)
    lock = var / "making.lock"
    lock.unlink()
    lock.mkdir()  # nobody can lock it, not even root
    assert ensure_certificates(var).exist


def test_both_are_made_anew_if_one_is_missing(var: Path) -> None:
    """They belong together: a new certificate under the old authority would be refused."""
    certificates = ensure_certificates(var)
    before = certificates.receiver.read_bytes()
    certificates.authority.unlink()
    assert ensure_certificates(var).receiver.read_bytes() != before


def test_the_authoritys_private_key_is_not_kept(var: Path) -> None:
    """Whoever reads the files can be the receiver, and cannot sign for anybody else."""
    certificates = ensure_certificates(var)
    files = [path for path in var.rglob("*") if path.is_file()]
    with_private_key = [path for path in files if b"PRIVATE KEY" in path.read_bytes()]
    assert with_private_key == [certificates.receiver]
    assert certificates.receiver.read_bytes().count(b"PRIVATE KEY-----") == 2  # one key: its begin and end
    assert stat.S_IMODE(certificates.receiver.stat().st_mode) == 0o600


def test_a_bundle_holds_theirs_and_ours(var: Path, tmp_path: Path) -> None:
    """An operator's own CA bundle stays trusted."""
    ours = ensure_certificates(var).authority
    theirs = ensure_certificates(tmp_path / "elsewhere").authority
    theirs.write_bytes(theirs.read_bytes().rstrip())  # no line end at the end
    bundle = write_bundle(var, theirs, ours)
    found = x509.load_pem_x509_certificates(bundle.read_bytes())
    expected = [x509.load_pem_x509_certificate(path.read_bytes()) for path in (theirs, ours)]
    assert found == expected
