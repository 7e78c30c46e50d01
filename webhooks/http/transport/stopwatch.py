"""How the time of an exchange was spent: the look-up of the name, and what libcurl reports of the rest."""

from __future__ import annotations

from time import monotonic

import pycurl

from webhooks.http.call import Phases


class Stopwatch:
    """Times an exchange."""

    def __init__(self) -> None:
        self._look_up_began = monotonic()
        self._dns: int | None = None

    def begin_look_up(self) -> None:
        """Note that the look-up of the name begins."""
        self._look_up_began = monotonic()

    def end_look_up(self) -> None:
        """Note that the look-up has ended."""
        self._dns = _milliseconds(monotonic() - self._look_up_began)

    def phases(self, handle: pycurl.Curl | None = None, *, answered: bool = False) -> Phases:
        """Return the phases that were reached, with their durations.

        Args:
            handle: of the exchange, which has ended; None if nothing was dialled.
            answered: whether any byte of an answer has arrived.
        """
        if handle is None or handle.getinfo(pycurl.LOCAL_PORT) <= 0:  # -1 without a connection
            return Phases(self._dns)
        is_new = handle.getinfo(pycurl.NUM_CONNECTS) > 0
        # libcurl counts from the beginning of the transfer; for a connection that was open already, both are 0.
        connected, secured = handle.getinfo(pycurl.CONNECT_TIME), handle.getinfo(pycurl.APPCONNECT_TIME)
        first_byte = handle.getinfo(pycurl.STARTTRANSFER_TIME)
        return Phases(
            dns=self._dns,
            connect=_milliseconds(connected),
            tls=_milliseconds(secured - connected) if secured or not is_new else None,
            first_byte=_milliseconds(first_byte - secured) if answered else None,
        )


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
