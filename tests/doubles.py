"""Doubles: small implementations of the ports, which a test can control and inspect."""

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
    """Stores the ids that were published: `webhooks.deliveries.ledger.Ring`."""

    def __init__(self) -> None:
        self.published: list[tuple[list[str], float]] = []
        self.lanes: list[Lane] = []

    def __call__(self, hook_ids: Sequence[str], delay: float, lane: Lane = Lane.EXPRESS) -> None:
        """Store the ids and their lane."""
        self.published.append((list(hook_ids), delay))
        self.lanes.append(lane)

    @property
    def hook_ids(self) -> list[str]:
        """All published ids, in order."""
        return [hook_id for hook_ids, _ in self.published for hook_id in hook_ids]


class PublishedRecoveries:
    """Stores the published recoveries with their next steps: `webhooks.redelivery.bulk.Publish`."""

    def __init__(self) -> None:
        self.published: list[tuple[str, int]] = []

    def __call__(self, recovery_id: str, step: int) -> None:
        """Store one."""
        self.published.append((recovery_id, step))


class RecordedCalls:
    """Stores the calls that were started; each ends when the test ends it: `webhooks.http.call.Calls`."""

    def __init__(self) -> None:
        self.sent: list[Call] = []
        self._on_ends: list[Callable[[Outcome | Shortage], None]] = []
        self._changed = threading.Condition()

    def send(self, call: Call, on_end: Callable[[Outcome | Shortage], None]) -> None:
        """Store a call, which is in flight until `end`."""
        with self._changed:
            self.sent.append(call)
            self._on_ends.append(on_end)
            self._changed.notify_all()

    def end(self, ending: Outcome | Shortage, which: int = -1) -> None:
        """End a call; by default the one that was started last."""
        self._on_ends[which](ending)

    def wait_for(self, count: int) -> None:
        """Wait until this many calls have been started; AssertionError after a minute."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sent) >= count, 60), (
                f"{len(self.sent)} calls, not {count}"
            )


class RecordedBackend:
    """Stores the e-mails that it gets, and answers as told: `webhooks.mail.send.MailBackend`.

    Attributes:
        sent: each e-mail with its recipients.
        patience: the seconds that each was given.
        answers: the answers, in order; after them it accepts everything.
    """

    ending = MailEnding.SENT

    def __init__(self) -> None:
        self.sent: list[tuple[Email, list[str]]] = []
        self.patience: list[float] = []
        self.answers: list[Handover | Exception] = []

    def send(self, email: Email, recipients: Sequence[str], until: float) -> Handover:
        """Store an e-mail."""
        self.patience.append(until - monotonic())
        self.sent.append((email, list(recipients)))
        answer = self.answers.pop(0) if self.answers else Handover(taken=frozenset(recipients))
        if isinstance(answer, Exception):
            raise answer
        return answer


class MailsWithOutages:
    """E-mails in storage with outages of writes: `webhooks.mail.mail.Mails`.

    Attributes:
        outages: how many of the next writes fail.
        on_outage: called at each of them.
    """

    def __init__(self, mails: Mails) -> None:
        self._mails = mails
        self.outages = 0
        self.on_outage: Callable[[], None] = lambda: None

    def claim(self, mail_id: str) -> MailClaim | None:
        """Forward the call."""
        return self._mails.claim(mail_id)

    def give_back(self, mail: MailClaim) -> None:
        """Forward the call."""
        self._fail_if_away()
        self._mails.give_back(mail)

    def end(self, mail_id: str, ending: MailEnding) -> None:
        """Forward the call."""
        self._fail_if_away()
        self._mails.end(mail_id, ending)

    def keep(self, mail_id: str, taken: Collection[str], refused: Collection[str]) -> None:
        """Forward the call."""
        self._fail_if_away()
        self._mails.keep(mail_id, taken, refused)

    def wakeups(self, limit: int) -> Sequence[str]:
        """Forward the call."""
        return self._mails.wakeups(limit)

    def _fail_if_away(self) -> None:
        if self.outages:
            self.outages -= 1
            self.on_outage()
            raise StorageUnavailable


class KnownNames:
    """`webhooks.registration.register.Names` that knows only the names of the test.

    Attributes:
        asked: the names that were looked up, in order.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._seconds: dict[str, float] = {}

    def set(self, name: str, *addresses: str, seconds: float = 0.0) -> None:
        """From now on, answer with these addresses, after this many seconds."""
        self._addresses[name], self._seconds[name] = addresses, seconds

    def addresses(self, host: str, patience: float) -> Sequence[str]:
        """Return the addresses of a name; none if it is unknown, or if they would come too late."""
        self.asked.append(host)
        return self._addresses.get(host, ()) if self._seconds.get(host, 0.0) < patience else ()


class UnresponsiveNames:
    """Does not answer until the test allows it: `webhooks.registration.register.Names`.

    Attributes:
        asked: released once for each name that is looked up.
        may_answer: set to end all look-ups without an address.
    """

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()

    def addresses(self, host: str, patience: float) -> Sequence[str]:  # noqa: ARG002  the port's signature
        """Return no addresses, when it may answer."""
        self.asked.release()
        assert self.may_answer.wait(60)
        return ()


class SettableClock:
    """Milliseconds since 1970 that only a test moves: `webhooks.store.connection.Clock`."""

    def __init__(self, now: int = 1_767_607_200_000) -> None:  # 2026-01-05T10:00:00Z
        self.now = now

    def __call__(self) -> int:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by this many seconds."""
        self.now += round(seconds * 1000)


class UncomparableKey(str):
    """A key that must not be compared with `==`, which takes longer the more characters are right."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        raise AssertionError(f"compared with {other!r}")


class LedgerWithOutages:
    """`webhooks.deliveries.ledger.Ledger` with outages, which can also be held up while it records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.outages = 0
        self.records: list[int] = []
        self.deferrals: list[Deferral] = []
        self.recording = threading.Event()
        self.may_record = threading.Event()
        self.may_record.set()

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Forward the call."""
        self._fail_if_away()
        return self._ledger.accept(deliveries)

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Forward the call; an outage comes after the claim and before its answer."""
        claimed = self._ledger.claim(hook_ids, lease, token)
        self._fail_if_away()
        return claimed

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Forward the call when `may_record` is set; `records` has the number of outcomes of each step."""
        self.recording.set()
        assert self.may_record.wait(60)
        self._fail_if_away()
        self.records.append(len(entries))
        return self._ledger.record(entries)

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Forward the call."""
        self._fail_if_away()
        return self._ledger.release(claims)

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Forward the call; `deferrals` stores them."""
        self._fail_if_away()
        self.deferrals += deferrals
        self._ledger.defer(deferrals)

    def resume(self, limit: int) -> list[WakeUp]:
        """Forward the call."""
        self._fail_if_away()
        return self._ledger.resume(limit)

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Forward the call."""
        self._fail_if_away()
        return self._ledger.wakeups(limit, ahead, long)

    def _fail_if_away(self) -> None:
        if self.outages:
            self.outages -= 1
            raise StorageUnavailable


def fernet_key(seed: int) -> str:
    """Return a Fernet key, always the same: the names of tests must not differ between processes."""
    return base64.urlsafe_b64encode(bytes([seed]) * 32).decode()


def contents(redis: Client) -> dict[str, Any]:
    """Return everything in Redis, by key."""
    read = {
        "string": lambda key: redis.execute_command("GET", key, NEVER_DECODE=True),
        "stream": redis.xrange,
        "hash": redis.hgetall,
        "set": lambda key: sorted(redis.smembers(key)),
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    return {key: read[redis.type(key)](key) for key in sorted(redis.scan_iter())}
