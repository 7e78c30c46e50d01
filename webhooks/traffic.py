"""Traffic: which calls may be made now, so that no receiver and no account holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from webhooks.deliveries import Outcome
from webhooks.under_way import MOST_REMEMBERED, CallsOfAccount, CallsToHost, Prepared, Turn

#: Calls that an account may have under way however full the worker is.
ACCOUNT_PLACES = 50
#: Seconds that a call waits for its turn at most; its lease runs meanwhile.
LONGEST_WAIT = 2.5


class Traffic:
    """Knows the calls that are under way, to which host and for which account. Any thread may ask.

    Args:
        free: tells how many places the worker has left.
        now: seconds by a clock that is never set.
    """

    def __init__(self, free: Callable[[], int], now: Callable[[], float] = monotonic) -> None:
        self._free = free
        self._now = now
        self._lock = threading.Lock()
        self._hosts: dict[str, CallsToHost] = {}
        self._accounts: dict[str, CallsOfAccount] = {}
        self._waited_for: dict[str, CallsToHost] = {}

    def enter(self, prepared: Prepared) -> Turn:
        """Take a place for a call, to be made now or when `leave` returns it; or none, if it must come back later.

        A slow account gets no more places than are left for all others: there is room for whoever comes next.
        """
        with self._lock:
            now = self._now()
            host, account = self._host(prepared), self._account(prepared)
            if account.under_way >= max(ACCOUNT_PLACES, self._free()) and account.is_slow(now):
                return Turn.ACCOUNT_IS_FULL
            if host.has_place_for(prepared.claim.account):
                _begin(prepared, host, account, now)
                return Turn.NOW
            if host.may_wait(now):
                host.waiting.append((now, prepared))
                self._waited_for[prepared.host] = host
                account.began[prepared.claim.key] = now
                return Turn.WAIT
            return host.refusal

    def leave(self, prepared: Prepared, outcome: Outcome) -> list[tuple[Prepared, Turn]]:
        """Give back the place of a call that has ended; returns those whose waiting is over, and their turns."""
        with self._lock:
            host, account = self._host(prepared), self._account(prepared)
            for one in (host, account):
                one.began.pop(prepared.claim.key, None)
                one.note(outcome)
            host.forget_one_of(prepared.claim.account)
            now = host.ended = self._now()
            return self._next(host, now)

    def overdue(self) -> list[tuple[Prepared, Turn]]:
        """Send away those who have waited for too long, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now() - LONGEST_WAIT)

    def clear(self) -> list[tuple[Prepared, Turn]]:
        """Send away all that wait, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now())

    def _next(self, host: CallsToHost, now: float) -> list[tuple[Prepared, Turn]]:
        turns = []
        while host.waiting:
            since, prepared = host.waiting[0]
            if host.is_gentle or now - since > LONGEST_WAIT:
                turns.append((self._pop(host), host.refusal))
            elif host.has_place_for(prepared.claim.account):
                turns.append((self._pop(host), Turn.NOW))
                _begin(prepared, host, self._account(prepared), now)
            else:
                break
        return turns

    def _send_away(self, latest: float) -> list[tuple[Prepared, Turn]]:
        """Take those out who have waited since then or longer."""
        sent = []
        for name, host in list(self._waited_for.items()):
            while host.waiting and host.waiting[0][0] <= latest:
                sent.append((self._pop(host), host.refusal))
            if not host.waiting:
                del self._waited_for[name]
        return sent

    def _pop(self, host: CallsToHost) -> Prepared:
        _, prepared = host.waiting.popleft()
        self._account(prepared).began.pop(prepared.claim.key, None)
        return prepared

    def _host(self, prepared: Prepared) -> CallsToHost:
        if (host := self._hosts.get(prepared.host)) is None:
            _forget_idle(self._hosts)
            host = self._hosts[prepared.host] = CallsToHost()
        return host

    def _account(self, prepared: Prepared) -> CallsOfAccount:
        if (account := self._accounts.get(prepared.claim.account)) is None:
            _forget_idle(self._accounts)
            account = self._accounts[prepared.claim.account] = CallsOfAccount()
        return account


def _begin(prepared: Prepared, host: CallsToHost, account: CallsOfAccount, now: float) -> None:
    key = prepared.claim.key
    host.began[key] = account.began[key] = now
    host.of_account[prepared.claim.account] += 1


def _forget_idle(remembered: dict[str, CallsToHost] | dict[str, CallsOfAccount]) -> None:
    """Make room for one more, if there are too many."""
    if len(remembered) >= MOST_REMEMBERED:
        for name in [name for name, one in remembered.items() if one.under_way == 0]:
            del remembered[name]
