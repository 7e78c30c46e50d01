"""What went wrong, in the words of the delivery log, from what libcurl says."""

from __future__ import annotations

from dataclasses import dataclass

import pycurl

from webhooks.deliveries import Detail, Failure

# A single line of the head has outgrown libcurl's own limit: CURLE_TOO_LARGE, for which pycurl has no name.
_E_TOO_LARGE = 100

_FAILURES = {
    pycurl.E_COULDNT_RESOLVE_HOST: Failure.DNS,
    pycurl.E_COULDNT_CONNECT: Failure.CONNECT,
    pycurl.E_SSL_CONNECT_ERROR: Failure.TLS,
    pycurl.E_SSL_CIPHER: Failure.TLS,
    pycurl.E_SSL_ISSUER_ERROR: Failure.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: Failure.TLS,
    pycurl.E_GOT_NOTHING: Failure.RESET,
    pycurl.E_SEND_ERROR: Failure.RESET,
    pycurl.E_RECV_ERROR: Failure.RESET,
    0: Failure.RESET,  # what libcurl takes for an answer when the connection ends in the middle of the head
    _E_TOO_LARGE: Failure.TOO_LARGE,
}

# OpenSSL's verdicts on a certificate (X509_V_ERR_… in its x509_vfy.h). All others mean that nobody vouches for it.
_CERTIFICATES = {
    1: Detail.WRONG_NAME,  # "unspecified": it was not OpenSSL that refused it but libcurl, for its name
    9: Detail.NOT_YET_VALID,
    10: Detail.EXPIRED,
    62: Detail.WRONG_NAME,
}

# What OpenSSL says when the receiver speaks no version of TLS that we do.
_TOO_OLD = ("unsupported protocol", "alert protocol version")


@dataclass(frozen=True)
class Ending:
    """How libcurl says that an exchange has ended.

    Attributes:
        error: libcurl's code; 0 when the whole answer has arrived.
        message: its words for it.
        certificate: OpenSSL's verdict on the receiver's certificate.
    """

    error: int
    message: str
    certificate: int


def failure_of(ending: Ending) -> tuple[Failure, Detail | None]:
    """Return the word for an exchange that ended without an answer, and what else is known about it."""
    failure = _FAILURES.get(ending.error, Failure.PROTOCOL)
    if ending.error == pycurl.E_PEER_FAILED_VERIFICATION:
        return failure, _CERTIFICATES.get(ending.certificate, Detail.UNTRUSTED)
    if failure is Failure.TLS and any(words in ending.message for words in _TOO_OLD):
        return failure, Detail.TOO_OLD
    return failure, None


_BODIES = {
    pycurl.E_OPERATION_TIMEDOUT: Detail.BODY_TIMEOUT,
    pycurl.E_WRITE_ERROR: Detail.BODY_TOO_LARGE,  # it is we who refuse to take more
    pycurl.E_PARTIAL_FILE: Detail.BODY_RESET,
    pycurl.E_RECV_ERROR: Detail.BODY_RESET,
}


def body_trouble(ending: Ending) -> Detail | None:
    """Return what was wrong with the body of an answer whose head was in order; None if nothing was."""
    if ending.error == 0:
        return None
    if ending.error == pycurl.E_RECV_ERROR and "chunk" in ending.message:
        return Detail.BODY_MALFORMED
    return _BODIES.get(ending.error, Detail.BODY_MALFORMED)
