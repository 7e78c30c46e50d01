"""Every error code of libcurl is a failure of the receiver, with its word in the log, or a local shortage."""

from __future__ import annotations

import errno

import pycurl
import pytest

from webhooks.http.call import Failure
from webhooks.http.transport.failures import Ending, failure_of, shortage_behind

#: By number, as pycurl has no name for some; `curl/curl.h` has all. A code that is in neither table is `protocol`.
OURS = {
    2: "FAILED_INIT",
    26: "READ_ERROR",
    27: "OUT_OF_MEMORY",
    42: "ABORTED_BY_CALLBACK",
    45: "INTERFACE_FAILED",
    53: "SSL_ENGINE_NOTFOUND",
    54: "SSL_ENGINE_SETFAILED",
    58: "SSL_CERTPROBLEM",
    66: "SSL_ENGINE_INITFAILED",
    77: "SSL_CACERT_BADFILE",
    82: "SSL_CRL_BADFILE",
    89: "NO_CONNECTION_AVAILABLE",
    99: "UNRECOVERABLE_POLL",
}
THEIRS = {
    0: Failure.RESET,
    6: Failure.DNS,
    7: Failure.CONNECT,
    35: Failure.TLS,
    52: Failure.RESET,
    55: Failure.RESET,
    56: Failure.RESET,
    59: Failure.TLS,
    60: Failure.TLS,
    83: Failure.TLS,
    98: Failure.TLS,
    100: Failure.TOO_LARGE,
}
#: Steps that the system can refuse on an open connection: TLS, sending and receiving.
OF_A_CONNECTION = [pycurl.E_SSL_CONNECT_ERROR, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR]


def ending(code: int, message: str = "", number: int = 0) -> Ending:
    return Ending(code, message, certificate=0, errno=number)


@pytest.mark.parametrize("code", range(102))
def test_each_error_code_is_a_shortage_or_a_failure(code: int) -> None:
    assert shortage_behind(ending(code)) == OURS.get(code)
    assert failure_of(ending(code))[0] is THEIRS.get(code, Failure.PROTOCOL)


def test_the_table_has_every_error_code_of_libcurl() -> None:
    names = [name for name in dir(pycurl) if name.startswith("E_") and not name.startswith("E_MULTI_")]
    codes = {
        code: name for name in names if 0 <= (code := getattr(pycurl, name)) < 10_000
    }  # the others are pycurl's own
    assert max(codes) < 102
    assert {code: codes[code].removeprefix("E_") for code in OURS if code in codes} == {
        code: name for code, name in OURS.items() if code in codes
    }


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])
def test_a_refused_system_call_is_a_local_shortage(name: str) -> None:
    number = getattr(errno, name)
    assert shortage_behind(ending(pycurl.E_COULDNT_CONNECT, number=number)) == name
    for code in OF_A_CONNECTION:
        assert shortage_behind(ending(code, f"OpenSSL SSL_write: no means, errno {number}", number=0)) == name


@pytest.mark.parametrize("name", ["ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"])
def test_a_connection_refused_by_the_receiver_is_no_shortage(name: str) -> None:
    number = getattr(errno, name)
    assert shortage_behind(ending(pycurl.E_COULDNT_CONNECT, number=number)) is None
    for code in OF_A_CONNECTION:
        assert shortage_behind(ending(code, f"OpenSSL SSL_read: refused, errno {number}", number=0)) is None


def test_the_errno_of_an_earlier_connection_is_ignored() -> None:
    """Libcurl keeps the errno of the first address, even if it has reached another."""
    assert shortage_behind(ending(pycurl.E_RECV_ERROR, "Recv failure", number=errno.EADDRNOTAVAIL)) is None
