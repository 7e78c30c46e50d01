"""An account with recoveries, for the tests of their steps."""

from __future__ import annotations

from datetime import timedelta

from doubles import PublishedRecoveries, RecordedIds
from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import LogFilter, Span
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.redelivery.recovery import Recovery, Stage
from webhooks.store.connection import moment

EXHAUSTED = LogFilter(state=State.EXHAUSTED)


class RecoveryScene:
    """An account with recoveries, and the runner that makes their steps."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.profile = store.account(social="https://hooks.example/", feed="https://hooks.example/")
        self.publish_ids = RecordedIds()
        self.publish = PublishedRecoveries()
        self.recovery_runner = RecoveryRunner(
            store.records, store.recoveries, store.accounts, self.publish_ids, self.publish
        )

    def exhausted(self, count: int) -> list[str]:
        """Return the hookIds of so many exhausted deliveries."""
        return self.store.exhausted(self.profile, count)

    def begin(self, log_filter: LogFilter = EXHAUSTED, profile: str | None = None) -> str:
        """Begin a recovery of the last hour; returns its id."""
        since = moment(self.store.clock()) - timedelta(hours=1)
        self.store.clock.advance(0.001)
        return self.recovery_runner.begin(Span(self.profile, profile, since), log_filter).recovery_id

    def run(self) -> None:
        """Process published recoveries until none is left."""
        while self.publish.published:
            self.recovery_runner.make_steps(*self.publish.published.pop())

    def recovery(self, recovery_id: str) -> Recovery:
        """Return a recovery as its customer sees it."""
        return self.recovery_runner.recovery(self.profile, recovery_id)

    def outcome(self, recovery_id: str) -> tuple[Stage, int | None, int, int, int]:
        """Return the stage, total, done, failed and percent of a recovery."""
        found = self.recovery(recovery_id)
        return found.stage, found.total, found.done, found.failed, found.percent
