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
        """Note that the name is being looked up from now on."""
        self._look_up_began = monotonic()

    def end_look_up(self) -> None:
        """Note that it is known whether the name has addresses."""
        self._dns = _milliseconds(monotonic() - self._look_up_began)

    def phases(self, handle: pycurl.Curl | None = None, *, answered: bool = False) -> Phases:
        """Return what was reached, and how long each took.

        Args:
            handle: that of the exchange, which has ended; None if it was never dialled.
            answered: whether anything of an answer has come.
        """
        if handle is None or handle.getinfo(pycurl.LOCAL_PORT) <= 0:  # without a connection it is -1
            return Phases(self._dns)
        is_new = handle.getinfo(pycurl.NUM_CONNECTS) > 0
        # libcurl counts from its own beginning; of a connection that was kept these two are 0.
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
