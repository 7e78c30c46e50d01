"""Watching: fetch feeds that are due, read them, and tell of what is new.

`watch` returns as soon as its fetches have begun; a thread of its own reads what comes, one feed after another.
Whatever ends it between two steps, the lease runs out and the feed is fetched again.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Protocol

import structlog

from webhooks.deliveries.claim import new_token
from webhooks.errors import OutOfResources, StorageUnavailable
from webhooks.feeds.feed import (
    TRUNCATED,
    FeedDocument,
    FeedError,
    Feeds,
    PollRequest,
    Validators,
    Visit,
    VisitResult,
    next_visit,
)
from webhooks.feeds.fetch import fetch, read_answer
from webhooks.feeds.new_items import NewItemPublisher, PublishedItems
from webhooks.feeds.polling_limits import MAX_IN_FLIGHT, MAX_OF_ACCOUNT, PAUSE_AFTER_SHORTAGE, PollingLimits
from webhooks.http.call import Calls, Outcome
from webhooks.http.shortages import Shortage

log = structlog.get_logger()


class Read(Protocol):
    """Reads feeds."""

    def __call__(self, body: bytes, content_type: str, url: str) -> FeedDocument:
        """Return what is in a feed that was found at this URL; raises FeedError and OutOfResources."""


@dataclass(frozen=True)
class _Answer:
    """What was answered, where it was found in the end, and until when the visit is leased."""

    visit: Visit
    until: float
    url: str
    outcome: Outcome | Shortage


class FeedPoller:
    """Watches feeds. `watch` may be called from any number of threads.

    Args:
        clock: seconds that pass evenly.
    """

    def __init__(
        self,
        feeds: Feeds,
        calls: Calls,
        read: Read,
        telling: NewItemPublisher,
        pace: PollingLimits,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._feeds = feeds
        self._calls = calls
        self._read = read
        self._telling = telling
        self._pace = pace
        self._clock = clock
        self._in_flight: set[Visit] = set()
        #: Held while feeds are taken, so that no account gets more than its share.
        self._changing = threading.Lock()
        self._more_are_due = False
        self._rests_until = 0.0
        self._answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
        self._stopping = self._closing = False
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
        self._thread.start()

    def watch(self) -> int:
        """Begin to fetch feeds that are due; returns how many, at most as many as there are places for.

        Raises:
            StorageUnavailable: storage is away; a later call begins them.
        """
        until = self._clock() + self._pace.lease  # from before they are taken, so that it is never too late
        visits = self._take()
        for visit in visits:
            self._begin(visit, until)
        return len(visits)

    def stop(self) -> None:
        """Begin no more visits. It takes no lock, so it may be called in a signal handler."""
        self._stopping = True

    def close(self, patience: float) -> None:
        """Begin no more visits, read no more answers, and give back the visits that are under way.

        Args:
            patience: seconds that the feed which is being read may take still.
        """
        self.stop()
        self._closing = True
        self._answers.put(None)
        self._thread.join(patience)
        with self._changing:
            left = list(self._in_flight)
        with suppress(StorageUnavailable):  # their leases run out then
            if left:
                self._feeds.give_back(left)

    def _take(self) -> Collection[Visit]:
        with self._changing:
            places = MAX_IN_FLIGHT - len(self._in_flight)
            if self._stopping or not places or self._clock() < self._rests_until:
                return ()
            of_accounts = Counter(visit.account for visit in self._in_flight)
            pace = self._pace
            look = PollRequest(new_token(), places, MAX_OF_ACCOUNT, pace.lease, pace.interval, of_accounts)
            taken = self._feeds.take(look)
            self._more_are_due = taken.are_more
            self._in_flight.update(taken.visits)
            return taken.visits

    def _leave(self, visit: Visit) -> None:
        with self._changing:
            self._in_flight.discard(visit)

    def _begin(self, visit: Visit, until: float) -> None:
        try:
            fetch(self._calls, visit.url, visit.validators, partial(self._on_answer, visit, until))
        except Exception:  # one that cannot be fetched must not keep the others from it; its lease runs out
            log.exception("feed.cannot_fetch", feed_id=visit.feed_id)
            self._leave(visit)

    def _on_answer(self, visit: Visit, until: float, url: str, outcome: Outcome | Shortage) -> None:
        self._answers.put(_Answer(visit, until, url, outcome))

    def _run(self) -> None:
        while (answer := self._answers.get()) is not None and not self._closing:
            visit = answer.visit
            try:
                if self._clock() < answer.until:
                    self._end(visit, answer.url, answer.outcome)
                else:  # somebody else may be reading it
                    log.warning("feed.lease_outlived", feed_id=visit.feed_id)
            except OutOfResources:
                self._give_back(visit)
            except StorageUnavailable:
                log.warning("feed.postponed", feed_id=visit.feed_id)
            except Exception:  # the thread must live, whatever a feed holds; its lease runs out
                log.exception("feed.failed", feed_id=visit.feed_id)
            self._leave(visit)
            if self._more_are_due:
                self._go_on()

    def _give_back(self, visit: Visit) -> None:
        """Undo a visit that came to nothing by our own fault, and begin none for a while."""
        self._rests_until = self._clock() + PAUSE_AFTER_SHORTAGE
        with suppress(StorageUnavailable):  # its lease runs out then
            self._feeds.give_back([visit])

    def _go_on(self) -> None:
        """Begin another visit in the place of one that has ended: those of each second's look would be too few."""
        with suppress(Exception):  # the thread must live; what is wrong, the next look tells
            self.watch()

    def _end(self, visit: Visit, url: str, outcome: Outcome | Shortage) -> None:
        """Read an answer, tell of what is new, and write down what came of the visit.

        Raises:
            OutOfResources: it could not be fetched or read by our own fault; nothing is written down.
        """
        if isinstance(outcome, Shortage):
            raise OutOfResources
        told = PublishedItems(())
        try:
            finding, told = self._read_and_tell(visit, url, outcome)
        except FeedError as trouble:
            finding = self._failed(visit, trouble.word)
        written = self._feeds.record(visit, finding)
        log.info(
            "feed.visited",
            feed_id=visit.feed_id,
            status=outcome.status,
            error=finding.error or None,
            told=told.count,
            recorded=written,
        )

    def _read_and_tell(self, visit: Visit, url: str, outcome: Outcome) -> tuple[VisitResult, PublishedItems]:
        """Tell of what is new in an answer; returns what is to be written down.

        Raises:
            FeedError: it is no feed that can be read.
        """
        due = next_visit(visit.feed_id, visit.began, self._pace.interval)
        fetched = read_answer(outcome, visit.validators)
        if fetched is None:
            return VisitResult(due, title=visit.title, validators=visit.validators), PublishedItems(())
        if fetched.validators.digest == visit.validators.digest:
            return VisitResult(due, title=visit.title, validators=fetched.validators), PublishedItems(())
        edition = self._read(fetched.body, fetched.content_type, url)
        if not edition.is_whole and visit.only_remembers:  # what lacks would be new at the next visit
            raise FeedError(TRUNCATED)
        told = self._telling.tell(visit, edition)
        if not edition.is_whole:
            return self._failed(visit, TRUNCATED, told.keys), told
        # With some left to tell of, it must be read again though it does not change.
        validators = fetched.validators if told.is_complete else Validators()
        finding = VisitResult(due, title=edition.title, validators=validators, keys=told.keys, link=edition.link)
        return finding, told

    def _failed(self, visit: Visit, word: str, keys: tuple[str, ...] = ()) -> VisitResult:
        due = next_visit(visit.feed_id, visit.began, self._pace.interval, visit.failures + 1)
        return VisitResult(due, word, keys=keys)
