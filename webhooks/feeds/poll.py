"""Polling: fetch feeds that are due, read them, and publish new items.

`poll_due` returns as soon as its fetches have begun; a separate thread reads the answers one after another. If a
worker dies between two steps, the lease runs out and the feed is fetched again.
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
    Poll,
    PollRequest,
    PollResult,
    Validators,
    next_poll,
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
        """Return the contents of a feed that was found at this URL; raises FeedError and OutOfResources."""


@dataclass(frozen=True)
class _Answer:
    """The answer to a fetch, the URL at which it was found in the end, and the end of the lease."""

    poll: Poll
    until: float
    url: str
    outcome: Outcome | Shortage


class FeedPoller:
    """Polls feeds. Any number of threads may call `poll_due`.

    Args:
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self,
        feeds: Feeds,
        calls: Calls,
        read: Read,
        item_publisher: NewItemPublisher,
        pace: PollingLimits,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._feeds = feeds
        self._calls = calls
        self._read = read
        self._publisher = item_publisher
        self._pace = pace
        self._clock = clock
        self._in_flight: set[Poll] = set()
        #: Held while feeds are taken, so that no account gets more than its share.
        self._changing = threading.Lock()
        self._more_are_due = False
        self._paused_until = 0.0
        self._answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
        self._stopping = self._closing = False
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)
        self._thread.start()

    def poll_due(self) -> int:
        """Begin to fetch feeds that are due, as many as there are slots for; returns how many.

        Raises:
            StorageUnavailable: a later call will begin them.
        """
        until = self._clock() + self._pace.lease  # taken before the leases begin, so that it is never too late
        polls = self._take()
        for poll in polls:
            self._begin(poll, until)
        return len(polls)

    def stop(self) -> None:
        """Begin no more polls. It acquires no lock, so it may be called in a signal handler."""
        self._stopping = True

    def close(self, timeout: float) -> None:
        """Begin no more polls, read no more answers, and give back the polls in flight.

        Args:
            timeout: seconds to wait for the feed that is being read.
        """
        self.stop()
        self._closing = True
        self._answers.put(None)
        self._thread.join(timeout)
        with self._changing:
            left = list(self._in_flight)
        with suppress(StorageUnavailable):  # then their leases run out
            if left:
                self._feeds.give_back(left)

    def _take(self) -> Collection[Poll]:
        with self._changing:
            slots = MAX_IN_FLIGHT - len(self._in_flight)
            if self._stopping or not slots or self._clock() < self._paused_until:
                return ()
            of_accounts = Counter(poll.account for poll in self._in_flight)
            pace = self._pace
            request = PollRequest(new_token(), slots, MAX_OF_ACCOUNT, pace.lease, pace.interval, of_accounts)
            taken = self._feeds.take(request)
            self._more_are_due = taken.are_more
            self._in_flight.update(taken.polls)
            return taken.polls

    def _leave(self, poll: Poll) -> None:
        with self._changing:
            self._in_flight.discard(poll)

    def _begin(self, poll: Poll, until: float) -> None:
        try:
            fetch(self._calls, poll.url, poll.validators, partial(self._on_answer, poll, until))
        except Exception:  # one feed that cannot be fetched must not hold up the others; its lease runs out
            log.exception("feed.cannot_fetch", feed_id=poll.feed_id)
            self._leave(poll)

    def _on_answer(self, poll: Poll, until: float, url: str, outcome: Outcome | Shortage) -> None:
        self._answers.put(_Answer(poll, until, url, outcome))

    def _run(self) -> None:
        while (answer := self._answers.get()) is not None and not self._closing:
            poll = answer.poll
            try:
                if self._clock() < answer.until:
                    self._end(poll, answer.url, answer.outcome)
                else:  # another thread may be reading it
                    log.warning("feed.lease_outlived", feed_id=poll.feed_id)
            except OutOfResources:
                self._give_back(poll)
            except StorageUnavailable:
                log.warning("feed.deferred", feed_id=poll.feed_id)
            except Exception:  # the thread must survive any feed; the lease runs out
                log.exception("feed.failed", feed_id=poll.feed_id)
            self._leave(poll)
            if self._more_are_due:
                self._go_on()

    def _give_back(self, poll: Poll) -> None:
        """Undo a poll that failed for lack of resources, and pause polling for a while."""
        self._paused_until = self._clock() + PAUSE_AFTER_SHORTAGE
        with suppress(StorageUnavailable):  # its lease runs out then
            self._feeds.give_back([poll])

    def _go_on(self) -> None:
        """Begin another poll when one has ended: one search per second would begin too few."""
        with suppress(Exception):  # the thread must survive; the next search reports the error
            self.poll_due()

    def _end(self, poll: Poll, url: str, outcome: Outcome | Shortage) -> None:
        """Read an answer, publish new items, and record the poll.

        Raises:
            OutOfResources: this machine lacks resources to fetch or read it; nothing is recorded.
        """
        if isinstance(outcome, Shortage):
            raise OutOfResources
        published = PublishedItems(())
        try:
            result, published = self._read_and_publish(poll, url, outcome)
        except FeedError as error:
            result = self._failed(poll, error.word)
        written = self._feeds.record(poll, result)
        log.info(
            "feed.polled",
            feed_id=poll.feed_id,
            status=outcome.status,
            error=result.error or None,
            told=published.count,
            recorded=written,
        )

    def _read_and_publish(self, poll: Poll, url: str, outcome: Outcome) -> tuple[PollResult, PublishedItems]:
        """Publish the new items of an answer; returns the result to record.

        Raises:
            FeedError: it is not a readable feed.
        """
        due = next_poll(poll.feed_id, poll.began, self._pace.interval)
        fetched = read_answer(outcome, poll.validators)
        if fetched is None:
            return PollResult(due, title=poll.title, validators=poll.validators), PublishedItems(())
        if fetched.validators.digest == poll.validators.digest:
            return PollResult(due, title=poll.title, validators=fetched.validators), PublishedItems(())
        document = self._read(fetched.body, fetched.content_type, url)
        if not document.is_whole and poll.only_remembers:  # the missing items would be new at the next poll
            raise FeedError(TRUNCATED)
        published = self._publisher.publish(poll, document)
        if not document.is_whole:
            return self._failed(poll, TRUNCATED, published.keys), published
        # If items are left to publish, the feed must be read again even if it does not change.
        validators = fetched.validators if published.is_complete else Validators()
        result = PollResult(
            due, title=document.title, validators=validators, keys=published.keys, link=document.link
        )
        return result, published

    def _failed(self, poll: Poll, word: str, keys: tuple[str, ...] = ()) -> PollResult:
        due = next_poll(poll.feed_id, poll.began, self._pace.interval, poll.failures + 1)
        return PollResult(due, word, keys=keys)
