"""Checking the PEM files that settings name: a file that TLS cannot use is refused at the start."""

from __future__ import annotations

import ssl
from collections.abc import Mapping


def check_tls_files(options: Mapping[str, str | bool]) -> None:
    """Check that TLS can use the files that a URL's `ssl_ca_certs`, `ssl_certfile` and `ssl_keyfile` name.

    Raises:
        ValueError: it cannot; the message completes a sentence and quotes nothing of the URL.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if "ssl_ca_certs" in options and not has_authorities(str(options["ssl_ca_certs"])):
        raise ValueError("must name a readable PEM file of CAs in ssl_ca_certs")
    if "ssl_keyfile" in options and "ssl_certfile" not in options:
        raise ValueError("must name the certificate of its ssl_keyfile in ssl_certfile")
    if "ssl_certfile" in options:
        certificate, key = str(options["ssl_certfile"]), options.get("ssl_keyfile")
        try:
            # Without this callback, OpenSSL would ask for a passphrase at the terminal.
            context.load_cert_chain(certificate, str(key) if key else None, password=lambda: "")
        except (OSError, ValueError):
            raise ValueError(
                "must name readable PEM files of a certificate and its key, which has no passphrase, "
                "in ssl_certfile and ssl_keyfile"
            ) from None


def has_authorities(path: str) -> bool:
    """Report whether this is a readable PEM file with certificates of authorities."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):
        return False
    return True
