"""How receivers use TLS: correctly, or in one of the ways that a caller must refuse."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

#: The names in a good certificate: the address of the behaviours, and every name of theirs.
HOSTS = ("127.0.0.1", "127.0.0.2", "*.zoo.test", "*.cookies.zoo.test")
_DAY = timedelta(days=1)


class Tls(Enum):
    """What a receiver shows or does in the handshake."""

    GOOD = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    WRONG_NAME = auto()
    UNTRUSTED = auto()
    SELF_SIGNED = auto()
    UNCHAINED = auto()
    TOO_OLD = auto()
    ASKS_BACK = auto()


def make_contexts(authority: Path) -> Mapping[Tls, ssl.SSLContext]:
    """Return a TLS context for each way; the CA of good certificates is written to `authority`."""
    trusted, untrusted = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(authority)
    now = datetime.now(UTC)
    return {
        Tls.GOOD: _showing(trusted.issue_cert(*HOSTS)),
        Tls.EXPIRED: _showing(trusted.issue_cert(*HOSTS, not_before=now - 9 * _DAY, not_after=now - _DAY)),
        Tls.NOT_YET_VALID: _showing(trusted.issue_cert(*HOSTS, not_before=now + _DAY, not_after=now + 9 * _DAY)),
        Tls.WRONG_NAME: _showing(trusted.issue_cert("elsewhere.example")),
        Tls.UNTRUSTED: _showing(untrusted.issue_cert(*HOSTS)),
        Tls.SELF_SIGNED: _self_signed(authority.with_name("self-signed.pem")),
        Tls.UNCHAINED: _unchained(trusted.create_child_ca().issue_cert(*HOSTS), authority.with_name("leaf.pem")),
        Tls.TOO_OLD: _too_old(trusted.issue_cert(*HOSTS)),
        Tls.ASKS_BACK: _asking_back(trusted.issue_cert(*HOSTS)),
    }


def _showing(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _self_signed(file: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "zoo.test")])
    now, number = datetime.now(UTC), x509.random_serial_number()
    builder = x509.CertificateBuilder(name, name, key.public_key(), number, now - _DAY, now + _DAY)
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(hosts, critical=False).sign(key, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return _from_file(file)


def _unchained(certificate: trustme.LeafCert, file: Path) -> ssl.SSLContext:
    """Leave out the intermediate certificate."""
    certificate.private_key_pem.write_to_path(file)
    certificate.cert_chain_pems[0].write_to_path(file, append=True)
    return _from_file(file)


def _too_old(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Support TLS 1.1 at most."""
    context = _showing(certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # on purpose
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _asking_back(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Ask for a client certificate with TLS 1.2, which refuses within the handshake."""
    context = _showing(certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _from_file(file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
