"""A certificate authority for this machine alone, so that a receiver on it can be called over TLS.

The authority signs one certificate and its private key is then forgotten, so nobody can sign another:
trusting it means trusting one receiver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import trustme

from webhooks_local.private_files import locked, make_private_directory, write_private

RECEIVER_HOST = "127.82.66.1"
"""Where local receivers listen. All of 127.0.0.0/8 is this machine; an address of their own can be allowed to
the worker while 127.0.0.1, where databases and consoles listen, stays refused."""


@dataclass(frozen=True)
class Certificates:
    """Where the two files are.

    Attributes:
        authority: the CA's certificate, to be trusted by callers.
        receiver: the receiver's private key and certificate, for 127.82.66.1, 127.0.0.1 and localhost.
        are_new: both were made just now, so whoever runs already does not trust them.
    """

    authority: Path
    receiver: Path
    are_new: bool = False

    @property
    def exist(self) -> bool:
        """Whether both are there."""
        return self.authority.exists() and self.receiver.exists()


def ensure_certificates(directory: Path) -> Certificates:
    """Return the certificates in `directory`/tls, making both if one is missing.

    Raises:
        OSError: they cannot be written.
    """
    tls = directory / "tls"
    certificates = Certificates(authority=tls / "ca.pem", receiver=tls / "receiver.pem")
    if certificates.exist:  # then nothing has to be written, and the directory may be read-only
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
    # An interruption between the two leaves one missing, and both are made anew: they never mismatch.
    certificates.authority.unlink(missing_ok=True)
    write_private(certificates.receiver, leaf.private_key_and_cert_chain_pem.bytes())
    write_private(certificates.authority, authority.cert_pem.bytes())


def write_bundle(directory: Path, theirs: Path, authority: Path) -> Path:
    """Write `directory`/tls/bundle.pem, the certificates of `theirs` and of `authority`, and return its path.

    Raises:
        OSError: a file cannot be read or written.
    """
    bundle = directory / "tls" / "bundle.pem"
    write_private(bundle, theirs.read_bytes().rstrip() + b"\n" + authority.read_bytes())
    return bundle
