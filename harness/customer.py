"""A customer of a Ringback on this machine, for `make chaos` and `make zoo`."""

from __future__ import annotations

from threading import local
from typing import Any

import requests


class Customer:
    """An account on a running Ringback. Threads may share it.

    Args:
        url: the URL of the API.
        admin_key: creates the account.
        title: the title of the account and of its profiles.
    """

    def __init__(self, url: str, admin_key: str, title: str) -> None:
        self._url = url
        self._title = title
        self._sessions = local()
        account = self._call(
            "POST", "/api/admin/accounts", admin_key, title=title, email="ops@example.com", plan="enterprise"
        )
        self._key = account["apiKey"]

    def profile(self, url: str) -> str:
        """Create a profile whose webhook is this URL, and return its refId."""
        created = self._call("POST", "/api/profiles", self._key, title=self._title)
        body = {"action": "social", "url": url, "secret": "a-signing-secret"}
        self._call("POST", "/api/hook/webhook", self._key, created["profileKey"], **body)
        return str(created["refId"])

    def delivery(self, hook_id: str) -> dict[str, Any]:
        """Return a delivery with its log.

        Raises:
            requests.RequestException: the delivery is unknown, or there is no answer.
        """
        return self._call("GET", f"/api/hook/deliveries/{hook_id}", self._key)

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
            self._sessions.session.trust_env = False  # no proxy leads to this machine
        session: requests.Session = self._sessions.session
        return session
