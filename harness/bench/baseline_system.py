"""The baseline of `harness.bench.baseline`, run as well as the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.bench.baseline.webhooks import Webhook, webhooks_as_json
from harness.bench.events import SECRET
from harness.bench.system import System
from webhooks.accounts.account import new_ref_id
from webhooks_local.fleet import procfile_lines

#: Concurrent calls of a worker. With 16 or 32 it did not deliver more, but rather less.
THREADS = 8


class BaselineSystem(System):
    """API and workers."""

    path = "/events"

    def lines(self) -> Mapping[str, str]:
        """Return the commands of its processes; the API has the same server as the product's."""
        web = procfile_lines()["web"].replace("webhooks_api.wsgi:app", "harness.bench.baseline.app:app")
        worker = (
            f"celery --quiet --app harness.bench.baseline.tasks worker --pool threads --concurrency {THREADS}"
            " --without-gossip --without-mingle --without-heartbeat"
        )
        return {"web": web, "worker": worker}

    def settings(self) -> Mapping[str, str]:
        """Return its environment variables, besides those of both systems."""
        return {"BASELINE_WEBHOOKS": str(self.directory / "webhooks.json")}

    def names(self) -> Mapping[str, Sequence[str]]:
        """Return the names of its processes by kind."""
        return {"api": ["web"], "worker": self.worker_names}

    def start_processes(self) -> None:
        """Write its file of webhooks, and start its processes."""
        webhooks = {new_ref_id(): Webhook(url, SECRET) for url in self.urls}
        (self.directory / "webhooks.json").write_text(webhooks_as_json(webhooks))
        for name in ("web", *self.worker_names):
            self.fleet.start(name)
        self.wait_until_ready()
        self.ref_ids = list(webhooks)
