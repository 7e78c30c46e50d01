"""What the Celery tasks do besides passing on their arguments."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery

from messaging.queues import SWEEP
from webhooks_worker.tasks import register_tasks


class Parts:
    """The parts of a sweep, one of which fails."""

    def __init__(self, failing: str) -> None:
        self.done: list[str] = []
        self._failing = failing

    def do(self, name: str) -> None:
        """Run a part."""
        self.done.append(name)
        if name == self._failing:
            raise ValueError(name)

    @property
    def worker(self) -> Any:
        """A worker with these parts."""
        return SimpleNamespace(
            sweep=SimpleNamespace(sweep=lambda: self.do("deliveries")),
            recovery_runner=SimpleNamespace(publish_stalled=lambda: self.do("recoveries")),
            mail_sender=SimpleNamespace(sweep=lambda: self.do("mails")),
        )


@pytest.mark.parametrize("failing", ["deliveries", "recoveries", "mails"])
def test_a_sweep_continues_after_a_failed_part(failing: str) -> None:
    """The sweep fails too, so that the error is seen."""
    parts = Parts(failing)
    app = Celery("tests", set_as_current=False)
    register_tasks(app, parts.worker)
    with pytest.raises(ValueError, match=failing):
        app.tasks[SWEEP]()
    assert parts.done == ["deliveries", "recoveries", "mails"]
