"""Watching: fetch feeds that are due, read them, and tell of what is new.

`watch` returns as soon as its fetches have begun; a thread of its own reads what comes, one feed after another.
Whatever ends it between two steps, the lease runs out and the feed is fetched again.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from webhooks.deliveries import Outcome
from webhooks.errors import StorageUnavailable
from webhooks.feeds import Edition, FeedTrouble, Finding, Look, Taken, Validators, Visit, next_visit
from webhooks.fetching import MOST_REDIRECTS, Calls, fetch, read_answer
from webhooks.ledger import new_token
from webhooks.telling import Telling, Told

#: Seconds from one look for due feeds to the next.
TICK = 1.0
#: Feeds that a process fetches and reads at the same time: each may take `MAX_FEED_BYTES` of memory.
MOST_UNDER_WAY = 20
#: Of these, feeds of one account: if all of them hang, most places are left for others.
MOST_OF_ACCOUNT = MOST_UNDER_WAY // 4
#: Seconds that a lease outlives the calls of its visit, for waiting until other feeds have been read.
LEASE_MARGIN = 60.0

log = structlog.get_logger()


class Feeds(Protocol):
    """Where feeds are kept."""

    def take(self, look: Look) -> Taken:
        """Take feeds that are due."""

    def record(self, visit: Visit, finding: Finding) -> bool:
        """Write down what came of a visit; False when its lease is over, or the feed is gone."""


class Read(Protocol):
    """Reads feeds."""

    def __call__(self, body: bytes, content_type: str, url: str) -> Edition:
        """Return what is in a feed that was found at this URL; raises FeedTrouble."""


@dataclass(frozen=True)
class Pace:
    """How feeds are watched.

    Attributes:
        interval: seconds from one visit to the next.
        timeout: seconds that one call may take.
    """

    interval: float
    timeout: float


class Watching:
    """Watches feeds. `watch` may be called from any number of threads."""

    def __init__(self, feeds: Feeds, calls: Calls, read: Read, telling: Telling, pace: Pace) -> None:
        self._feeds = feeds
        self._calls = calls
        self._read = read
        self._telling = telling
        self._pace = pace
        self._under_way: set[Visit] = set()
        self._changing = (
            threading.Lock()
        )  # held while feeds are taken, so that no account gets more than its share
        self._more_are_due = False
        self._answers: queue.SimpleQueue[tuple[Visit, str, Outcome] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
        self._thread.start()

    def watch(self) -> int:
        """Begin to fetch feeds that are due; returns how many, at most as many as there are places for.

        Raises:
            StorageUnavailable: storage is away; a later call begins them.
        """
        visits = self._take()
        for visit in visits:
            self._begin(visit)
        return len(visits)

    def close(self, patience: float) -> None:
        """Begin no more visits, read no more answers; the leases of visits under way run out.

        Args:
            patience: seconds that the feed which is being read may take still.
        """
        self._stopping.set()
        self._answers.put(None)
        self._thread.join(patience)

    def _take(self) -> Collection[Visit]:
        with self._changing:
            places = MOST_UNDER_WAY - len(self._under_way)
            if self._stopping.is_set() or not places:
                return ()
            of_accounts = Counter(visit.account for visit in self._under_way)
            lease = (1 + MOST_REDIRECTS) * self._pace.timeout + LEASE_MARGIN
            look = Look(new_token(), places, MOST_OF_ACCOUNT, lease, self._pace.interval, of_accounts)
            taken = self._feeds.take(look)
            self._more_are_due = taken.are_more
            self._under_way.update(taken.visits)
            return taken.visits

    def _leave(self, visit: Visit) -> None:
        with self._changing:
            self._under_way.discard(visit)

    def _begin(self, visit: Visit) -> None:
        try:
            fetch(self._calls, visit.url, visit.validators, partial(self._on_answer, visit))
        except Exception:  # one that cannot be fetched must not keep the others from it; its lease runs out
            log.exception("feed.cannot_fetch", feed_id=visit.feed_id)
            self._leave(visit)

    def _on_answer(self, visit: Visit, url: str, outcome: Outcome) -> None:
        self._answers.put((visit, url, outcome))

    def _run(self) -> None:
        while (answer := self._answers.get()) is not None and not self._stopping.is_set():
            visit, url, outcome = answer
            try:
                self._end(visit, url, outcome)
            except StorageUnavailable:
                log.warning("feed.postponed", feed_id=visit.feed_id)
            except Exception:  # the thread must live, whatever a feed holds; its lease runs out
                log.exception("feed.failed", feed_id=visit.feed_id)
            self._leave(visit)
            if self._more_are_due:
                self._go_on()

    def _go_on(self) -> None:
        """Begin another visit in the place of one that has ended: those of each second's look would be too few."""
        with suppress(Exception):  # the thread must live; what is wrong, the next look tells
            self.watch()

    def _end(self, visit: Visit, url: str, outcome: Outcome) -> None:
        """Read an answer, tell of what is new, and write down what came of the visit."""
        told = Told(())
        try:
            finding, told = self._judge(visit, url, outcome)
        except FeedTrouble as trouble:
            due = next_visit(visit.feed_id, visit.began, self._pace.interval, visit.failures + 1)
            finding = Finding(due, trouble.word)
        written = self._feeds.record(visit, finding)
        log.info(
            "feed.visited",
            feed_id=visit.feed_id,
            status=outcome.status,
            error=finding.error or None,
            told=told.count,
            recorded=written,
        )

    def _judge(self, visit: Visit, url: str, outcome: Outcome) -> tuple[Finding, Told]:
        """Tell of what is new in an answer; returns what is to be written down.

        Raises:
            FeedTrouble: it is no feed that can be read.
        """
        due = next_visit(visit.feed_id, visit.began, self._pace.interval)
        fetched = read_answer(outcome, visit.validators)
        if fetched is None:
            return Finding(due, title=visit.title, validators=visit.validators), Told(())
        if fetched.validators.digest == visit.validators.digest:
            return Finding(due, title=visit.title, validators=fetched.validators), Told(())
        edition = self._read(fetched.body, fetched.content_type, url)
        told = self._telling.tell(visit, edition)
        # With some left to tell of, it must be read again though it does not change.
        validators = fetched.validators if told.is_complete else Validators()
        return Finding(due, title=edition.title, validators=validators, keys=told.keys), told
