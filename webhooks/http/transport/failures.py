"""Maps libcurl's errors to failures of the delivery log, or to shortages of this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pycurl

from webhooks.http.call import Detail, Failure
from webhooks.http.shortages import shortage_in

# Codes of libcurl for which pycurl has no name.
_E_SSL_CLIENTCERT = 98  # the receiver asks for a client certificate
_E_UNRECOVERABLE_POLL = 99
_E_TOO_LARGE = 100  # a line of the head is longer than libcurl's own limit

_FAILURES = {
    pycurl.E_COULDNT_RESOLVE_HOST: Failure.DNS,
    pycurl.E_COULDNT_CONNECT: Failure.CONNECT,
    pycurl.E_SSL_CONNECT_ERROR: Failure.TLS,
    pycurl.E_SSL_CIPHER: Failure.TLS,
    pycurl.E_SSL_ISSUER_ERROR: Failure.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: Failure.TLS,
    _E_SSL_CLIENTCERT: Failure.TLS,
    pycurl.E_GOT_NOTHING: Failure.RESET,
    pycurl.E_SEND_ERROR: Failure.RESET,
    pycurl.E_RECV_ERROR: Failure.RESET,
    0: Failure.RESET,  # libcurl reports no error when the connection ends in the middle of the head
    _E_TOO_LARGE: Failure.TOO_LARGE,
}

# Errors that no receiver can cause: of memory, files and interfaces of this machine, or of our callbacks. A URL
# that libcurl refuses is not among them: the call would be given back for ever.
_OURS = {
    pycurl.E_FAILED_INIT: "FAILED_INIT",
    pycurl.E_READ_ERROR: "READ_ERROR",  # of the body that we send
    pycurl.E_OUT_OF_MEMORY: "OUT_OF_MEMORY",
    pycurl.E_ABORTED_BY_CALLBACK: "ABORTED_BY_CALLBACK",
    pycurl.E_INTERFACE_FAILED: "INTERFACE_FAILED",
    pycurl.E_SSL_ENGINE_NOTFOUND: "SSL_ENGINE_NOTFOUND",
    pycurl.E_SSL_ENGINE_SETFAILED: "SSL_ENGINE_SETFAILED",
    pycurl.E_SSL_ENGINE_INITFAILED: "SSL_ENGINE_INITFAILED",
    pycurl.E_SSL_CERTPROBLEM: "SSL_CERTPROBLEM",  # of our own certificate
    pycurl.E_SSL_CACERT_BADFILE: "SSL_CACERT_BADFILE",  # the file of authorities must be opened too
    pycurl.E_SSL_CRL_BADFILE: "SSL_CRL_BADFILE",
    pycurl.E_NO_CONNECTION_AVAILABLE: "NO_CONNECTION_AVAILABLE",
    _E_UNRECOVERABLE_POLL: "UNRECOVERABLE_POLL",
}
# The end of libcurl's message when the system refuses an operation on an open connection.
_ERRNO = re.compile(r", errno (\d+)$")

# OpenSSL's verdicts on a certificate (X509_V_ERR_… in its x509_vfy.h). All others mean that it is not trusted.
_CERTIFICATES = {
    1: Detail.WRONG_NAME,  # "unspecified": libcurl refused it for its name, not OpenSSL
    9: Detail.NOT_YET_VALID,
    10: Detail.EXPIRED,
    62: Detail.WRONG_NAME,
}

# OpenSSL's messages when the receiver supports no version of TLS that we support.
_TOO_OLD = ("unsupported protocol", "alert protocol version")


@dataclass(frozen=True)
class Ending:
    """How an exchange has ended, as reported by libcurl.

    Attributes:
        error: libcurl's code; 0 when the whole answer has arrived.
        message: libcurl's message.
        certificate: OpenSSL's verdict on the receiver's certificate.
        errno: why the system refused to connect; 0 if it did not.
    """

    error: int
    message: str
    certificate: int
    errno: int = 0


def shortage_behind(ending: Ending) -> str | None:
    """Return the shortage because of which an exchange ended; None if there was none."""
    if ending.error in _OURS:
        return _OURS[ending.error]
    if ending.error == pycurl.E_COULDNT_CONNECT:
        return shortage_in(ending.errno)
    refused = _ERRNO.search(ending.message)
    return shortage_in(int(refused[1])) if refused else None


def failure_of(ending: Ending) -> tuple[Failure, Detail | None]:
    """Return the failure of an exchange that ended without an answer, and its detail if known."""
    failure = _FAILURES.get(ending.error, Failure.PROTOCOL)
    if ending.error == pycurl.E_PEER_FAILED_VERIFICATION:
        return failure, _CERTIFICATES.get(ending.certificate, Detail.UNTRUSTED)
    if failure is Failure.TLS and any(words in ending.message for words in _TOO_OLD):
        return failure, Detail.TOO_OLD
    return failure, None


_BODIES = {
    pycurl.E_OPERATION_TIMEDOUT: Detail.BODY_TIMEOUT,
    pycurl.E_WRITE_ERROR: Detail.BODY_TOO_LARGE,  # our callback refuses to take more
    pycurl.E_PARTIAL_FILE: Detail.BODY_RESET,
    pycurl.E_RECV_ERROR: Detail.BODY_RESET,
}


def body_error(ending: Ending) -> Detail | None:
    """Return what was wrong with the body of an answer whose head was in order; None if nothing was."""
    if ending.error == 0:
        return None
    if ending.error == pycurl.E_RECV_ERROR and "chunk" in ending.message:
        return Detail.BODY_MALFORMED
    return _BODIES.get(ending.error, Detail.BODY_MALFORMED)
