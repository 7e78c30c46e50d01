"""Doubles: small implementations of the ports, real enough to be told what happens and asked what happened."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Any

from webhooks.deliveries.claim import Claim, Claimed, Deferral, Entry, Recorded
from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.new_delivery import NewDelivery, Receipt
from webhooks.deliveries.wakeup import Lane, WakeUp
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Call, Failure, Outcome
from webhooks.http.shortages import Shortage
from webhooks.mail.mail import MailClaim, MailEnding, Mails
from webhooks.mail.text import Email, Handover
from webhooks.store.connection import Client

ADMIN_KEY = "canary-admin-key"
PRODUCER_KEY = "canary-producer-key"
OTHER_PRODUCER_KEY = "canary-other-producer-key"

OK = Outcome(200, None, 12)
REFUSED = Outcome(500, None, 34)
UNREACHABLE = Outcome(None, Failure.CONNECT, 56)


class RecordedIds:
    """Keeps what was rung: `webhooks.deliveries.ledger.Ring`."""

    def __init__(self) -> None:
        self.published: list[tuple[list[str], float]] = []
        self.lanes: list[Lane] = []

    def __call__(self, hook_ids: Sequence[str], delay: float, lane: Lane = Lane.EXPRESS) -> None:
        """Keep what is rung, and by which lane."""
        self.published.append((list(hook_ids), delay))
        self.lanes.append(lane)

    @property
    def hook_ids(self) -> list[str]:
        """All ids that were rung, in order."""
        return [hook_id for hook_ids, _ in self.published for hook_id in hook_ids]


class PublishedRecoveries:
    """Keeps which recoveries were published, with their next steps: `webhooks.redelivery.bulk.Publish`."""

    def __init__(self) -> None:
        self.published: list[tuple[str, int]] = []

    def __call__(self, recovery_id: str, step: int) -> None:
        """Keep one."""
        self.published.append((recovery_id, step))


class RecordedCalls:
    """Keeps the calls that were begun; each ends when the test says so: `webhooks.http.call.Calls`."""

    def __init__(self) -> None:
        self.sent: list[Call] = []
        self._on_ends: list[Callable[[Outcome | Shortage], None]] = []
        self._changed = threading.Condition()

    def send(self, call: Call, on_end: Callable[[Outcome | Shortage], None]) -> None:
        """Keep a call; it is in flight until `end`."""
        with self._changed:
            self.sent.append(call)
            self._on_ends.append(on_end)
            self._changed.notify_all()

    def end(self, ending: Outcome | Shortage, which: int = -1) -> None:
        """End a call; the one that was begun last if none is named."""
        self._on_ends[which](ending)

    def wait_for(self, count: int) -> None:
        """Return when so many calls have been begun; AssertionError after a minute."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sent) >= count, 60), (
                f"{len(self.sent)} calls, not {count}"
            )


class RecordedBackend:
    """Keeps the characters that it is handed, and answers as it is told: `webhooks.mail.send.MailBackend`.

    Attributes:
        sent: each letter with its recipients.
        patience: for each, the seconds that it was given.
        answers: what it answers, one after the other; then it takes everything.
    """

    ending = MailEnding.SENT

    def __init__(self) -> None:
        self.sent: list[tuple[Email, list[str]]] = []
        self.patience: list[float] = []
        self.answers: list[Handover | Exception] = []

    def send(self, email: Email, recipients: Sequence[str], until: float) -> Handover:
        """Keep a letter."""
        self.patience.append(until - monotonic())
        self.sent.append((email, list(recipients)))
        answer = self.answers.pop(0) if self.answers else Handover(taken=frozenset(recipients))
        if isinstance(answer, Exception):
            raise answer
        return answer


class MailsWithOutages:
    """E-mails that can be out of reach when something is written down: `webhooks.mail.mail.Mails`.

    Attributes:
        outages: how many of the next writes find no one.
        on_outage: called at each of them.
    """

    def __init__(self, mails: Mails) -> None:
        self._mails = mails
        self.outages = 0
        self.on_outage: Callable[[], None] = lambda: None

    def claim(self, mail_id: str) -> MailClaim | None:
        """Pass on."""
        return self._mails.claim(mail_id)

    def give_back(self, mail: MailClaim) -> None:
        """Pass on."""
        self._fail_if_away()
        self._mails.give_back(mail)

    def end(self, mail_id: str, ending: MailEnding) -> None:
        """Pass on."""
        self._fail_if_away()
        self._mails.end(mail_id, ending)

    def keep(self, mail_id: str, taken: Collection[str], refused: Collection[str]) -> None:
        """Pass on."""
        self._fail_if_away()
        self._mails.keep(mail_id, taken, refused)

    def wakeups(self, limit: int) -> Sequence[str]:
        """Pass on."""
        return self._mails.wakeups(limit)

    def _fail_if_away(self) -> None:
        if self.outages:
            self.outages -= 1
            self.on_outage()
            raise StorageUnavailable


class KnownNames:
    """`webhooks.registration.register.Names` with the addresses of the names that it is given, and of no others.

    Attributes:
        asked: the names that were looked up, in order.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._seconds: dict[str, float] = {}

    def set(self, name: str, *addresses: str, seconds: float = 0.0) -> None:
        """From now on, answer with these addresses, after so many seconds."""
        self._addresses[name], self._seconds[name] = addresses, seconds

    def addresses(self, host: str, patience: float) -> Sequence[str]:
        """Return the addresses of a name; none if it was told of none, or they would come too late."""
        self.asked.append(host)
        return self._addresses.get(host, ()) if self._seconds.get(host, 0.0) < patience else ()


class UnresponsiveNames:
    """Does not answer until it may: `webhooks.registration.register.Names`.

    Attributes:
        asked: released once for each name that is looked up.
        may_answer: set to let all look-ups end without an address.
    """

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()

    def addresses(self, host: str, patience: float) -> Sequence[str]:  # noqa: ARG002  the port's signature
        """Return none, once it may."""
        self.asked.release()
        assert self.may_answer.wait(60)
        return ()


class SettableClock:
    """Milliseconds since 1970, standing still until a test moves them: `webhooks.store.connection.Clock`."""

    def __init__(self, now: int = 1_767_607_200_000) -> None:  # 2026-01-05T10:00:00Z
        self.now = now

    def __call__(self) -> int:
        """Tell the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self.now += round(seconds * 1000)


class UncomparableKey(str):
    """A key that must not be compared by `==`: that takes the longer, the more of it is right."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        raise AssertionError(f"compared with {other!r}")


class LedgerWithOutages:
    """`webhooks.deliveries.ledger.Ledger` that can be out of reach, and that can be held up while it records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.outages = 0
        self.records: list[int] = []
        self.deferrals: list[Deferral] = []
        self.recording = threading.Event()
        self.may_record = threading.Event()
        self.may_record.set()

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Pass on."""
        self._fail_if_away()
        return self._ledger.accept(deliveries)

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Pass on; an outage comes after the claim, before its answer."""
        claimed = self._ledger.claim(hook_ids, lease, token)
        self._fail_if_away()
        return claimed

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Pass on, once `may_record` is set; `records` keeps how many came together."""
        self.recording.set()
        assert self.may_record.wait(60)
        self._fail_if_away()
        self.records.append(len(entries))
        return self._ledger.record(entries)

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Pass on."""
        self._fail_if_away()
        return self._ledger.release(claims)

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Pass on; `deferrals` keeps them."""
        self._fail_if_away()
        self.deferrals += deferrals
        self._ledger.defer(deferrals)

    def resume(self, limit: int) -> list[WakeUp]:
        """Pass on."""
        self._fail_if_away()
        return self._ledger.resume(limit)

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Pass on."""
        self._fail_if_away()
        return self._ledger.wakeups(limit, ahead, long)

    def _fail_if_away(self) -> None:
        if self.outages:
            self.outages -= 1
            raise StorageUnavailable


def fernet_key(seed: int) -> str:
    """Return a Fernet key, the same each time: names of tests must not change from one process to another."""
    return base64.urlsafe_b64encode(bytes([seed]) * 32).decode()


def contents(redis: Client) -> dict[str, Any]:
    """Return everything that is stored, by key."""
    read = {
        "string": lambda key: redis.execute_command("GET", key, NEVER_DECODE=True),
        "stream": redis.xrange,
        "hash": redis.hgetall,
        "set": lambda key: sorted(redis.smembers(key)),
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    return {key: read[redis.type(key)](key) for key in sorted(redis.scan_iter())}
