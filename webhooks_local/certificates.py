"""A certificate authority for this machine alone, so that a local receiver can be called over TLS.

The authority signs one certificate, and its private key is not stored. It cannot sign another certificate, so
trusting it means trusting one receiver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import trustme

from webhooks_local.private_files import locked, make_private_directory, write_private

RECEIVER_HOST = "127.82.66.1"
"""The address on which local receivers listen. All of 127.0.0.0/8 is this machine, so the worker can be allowed to
call this address while 127.0.0.1, where databases and consoles listen, stays refused."""


@dataclass(frozen=True)
class Certificates:
    """The paths of the two files.

    Attributes:
        authority: the certificate of the CA, which callers must trust.
        receiver: the private key and the certificate of the receiver, for 127.82.66.1, 127.0.0.1 and localhost.
        are_new: both were just made, so processes that run already do not trust them.
    """

    authority: Path
    receiver: Path
    are_new: bool = False

    @property
    def exist(self) -> bool:
        """Whether both files exist."""
        return self.authority.exists() and self.receiver.exists()


def ensure_certificates(directory: Path) -> Certificates:
    """Return the certificates in `directory`/tls. If one is missing, both are made.

    Raises:
        OSError: they cannot be written.
    """
    tls = directory / "tls"
    certificates = Certificates(authority=tls / "ca.pem", receiver=tls / "receiver.pem")
    if certificates.exist:  # checked without the lock, because the directory may be read-only
        return certificates
    make_private_directory(directory)
    make_private_directory(tls)
    with locked(directory / "making.lock", wait=True):
        if certificates.exist:
            return certificates
        _make(certificates)
    return replace(certificates, are_new=True)


def _make(certificates: Certificates) -> None:
    authority = trustme.CA(path_length=0, organization_name="Ringback", organization_unit_name="this machine")
    leaf = authority.issue_cert(
        RECEIVER_HOST,
        "127.0.0.1",
        "localhost",
        organization_name="Ringback",
        organization_unit_name="receiver",
    )
    # The CA is removed first and written last: after an interruption it is missing, so both are made again.
    certificates.authority.unlink(missing_ok=True)
    write_private(certificates.receiver, leaf.private_key_and_cert_chain_pem.bytes())
    write_private(certificates.authority, authority.cert_pem.bytes())


def write_bundle(directory: Path, given: Path, authority: Path) -> Path:
    """Write the certificates of `given` and `authority` to `directory`/tls/bundle.pem, and return its path.

    Raises:
        OSError: a file cannot be read or written.
    """
    bundle = directory / "tls" / "bundle.pem"
    write_private(bundle, given.read_bytes().rstrip() + b"\n" + authority.read_bytes())
    return bundle
