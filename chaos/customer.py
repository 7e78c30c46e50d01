"""The customer: an account whose profiles lead to the receiver's paths, and who reads the delivery log."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import local
from typing import Any

import requests

from chaos.records import Logged, LoggedAttempt

THREADS = 4
_PAUSE = 0.25


class Customer:
    """An account on a running Ringback.

    Args:
        url: the API.
        admin_key: makes the account.
    """

    def __init__(self, url: str, admin_key: str) -> None:
        self._url = url
        self._sessions = local()
        account = self._call(
            "POST", "/api/admin/accounts", admin_key, title="Chaos", email="chaos@example.com", plan="enterprise"
        )
        self._key = account["apiKey"]

    def profile(self, url: str) -> str:
        """Make a profile whose webhook is this URL; returns its refId."""
        made = self._call("POST", "/api/profiles", self._key, title="Chaos")
        body = {"action": "social", "url": url, "secret": "a-signing-secret"}
        self._call("POST", "/api/hook/webhook", self._key, made["profileKey"], **body)
        return str(made["refId"])

    def log(self, hook_ids: Collection[str], deadline: float) -> dict[str, Logged]:
        """Return the log of these events once all have ended, or as it is after `deadline` seconds."""
        end = time.monotonic() + deadline
        log: dict[str, Logged] = {}
        waiting: Sequence[str] = list(hook_ids)
        with ThreadPoolExecutor(THREADS) as pool:
            while True:
                is_last = time.monotonic() > end  # what overran its time is asked about once more
                log |= zip(waiting, pool.map(self._logged, waiting), strict=True)
                waiting = [hook_id for hook_id in waiting if not log[hook_id].ended]
                if not waiting or is_last:
                    return log
                time.sleep(_PAUSE)

    def _logged(self, hook_id: str) -> Logged:
        try:
            found = self._call("GET", f"/api/hook/deliveries/{hook_id}", self._key)
        except requests.RequestException:
            return Logged("unknown")
        attempts = tuple(
            LoggedAttempt(
                number=one["attempt"],
                at=datetime.fromisoformat(one["at"]).timestamp(),
                retry=one["retry"],
                interrupted=one["error"] == "interrupted",
            )
            for one in found["attempts"]
        )
        return Logged(found["state"], attempts)

    def _call(
        self, method: str, path: str, key: str, profile_key: str | None = None, **body: Any
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}"} | ({"Profile-Key": profile_key} if profile_key else {})
        answer = self._session().request(method, self._url + path, headers=headers, json=body or None, timeout=10)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def _session(self) -> requests.Session:
        """Return the session of this thread."""
        if not hasattr(self._sessions, "session"):
            self._sessions.session = requests.Session()
            self._sessions.session.trust_env = False
        session: requests.Session = self._sessions.session
        return session
