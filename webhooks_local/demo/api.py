"""The calls of Ringback's HTTP API that the demo makes."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import requests

from webhooks_local.demo.stack import DemoFailedError, Stack


class Api:
    """Calls as an operator, to create an account, and then as its customer. A context manager.

    Args:
        stack: the Ringback to call.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._customer_key = ""
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy leads to this machine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def create_account(self, title: str) -> dict[str, Any]:
        """Create the account whose customer makes the other calls, and return it.

        Raises:
            DemoFailedError: the admin key is wrong, or there is no answer.
        """
        body = {
            "title": title,
            "email": "demo@example.com",
            "altEmails": [],
            "plan": "business",
            "addOns": ["messaging"],
        }
        account = self._call("POST", "/api/admin/accounts", self._stack.admin_key, json=body)
        self._customer_key = account["apiKey"]
        return account

    def post(self, path: str, body: dict[str, Any], profile_key: str | None = None) -> dict[str, Any]:
        """Return the answer to a customer's POST, for the profile with this key or the primary profile.

        Raises:
            DemoFailedError: the call was refused, or there is no answer.
        """
        return self._call("POST", path, self._customer_key, profile_key, json=body)

    def delivery(self, hook_id: str, profile_key: str | None) -> dict[str, Any]:
        """Return the state of a delivery.

        Raises:
            DemoFailedError: the delivery is unknown, or there is no answer.
        """
        return self._call("GET", f"/api/hook/deliveries/{hook_id}", self._customer_key, profile_key)

    def _call(
        self, method: str, path: str, key: str, profile_key: str | None = None, **request: Any
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}"}
        if profile_key is not None:
            headers["Profile-Key"] = profile_key
        try:
            answer = self._session.request(method, self._stack.url + path, headers=headers, timeout=10, **request)
        except requests.RequestException as error:
            raise DemoFailedError(f"{method} {path}: {error}") from error
        if not answer.ok:
            raise DemoFailedError(f"{method} {path} was answered {answer.status_code}: {answer.text.strip()}")
        content: dict[str, Any] = answer.json()
        return content
