"""Webhooks and signing secrets in Redis."""

from __future__ import annotations

import json

from webhooks.errors import UnknownProfile
from webhooks.publishing import Resolved
from webhooks.store.accounts import read_subscription
from webhooks.store.connection import Client, Script, milliseconds, moment
from webhooks.webhooks import Webhook


class RedisWebhooks:
    """The webhooks of each profile, in a hash by action; its sealed secret stands with the profile."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._register = Script(redis, "register")
        self._resolve = Script(redis, "resolve")

    def put(self, ref_id: str, webhook: Webhook, sealed_secret: str | None) -> None:
        """Register a webhook, in place of an earlier one; set the profile's secret too if one is given.

        Raises:
            UnknownProfile: nobody has this refId any more; nothing has changed.
        """
        stored = {"url": webhook.url, "source": webhook.source, "updated": milliseconds(webhook.updated)}
        if not self._register(ref_id, sealed_secret or "", webhook.action, json.dumps(stored)):
            raise UnknownProfile

    def remove(self, ref_id: str, action: str) -> bool:
        """Remove a webhook; False when there was none."""
        return bool(self._redis.hdel(f"webhooks:{ref_id}", action))

    def all_of(self, ref_id: str) -> list[Webhook]:
        """Return a profile's webhooks."""
        found = self._redis.hgetall(f"webhooks:{ref_id}")
        return [_webhook(action, json.loads(stored)) for action, stored in found.items()]

    def put_secret(self, ref_id: str, sealed_secret: str) -> None:
        """Set a profile's signing secret.

        Raises:
            UnknownProfile: nobody has this refId any more.
        """
        if not self._register(ref_id, sealed_secret, "", ""):
            raise UnknownProfile

    def resolve(self, ref_id: str, action: str) -> Resolved:
        """Tell whose webhook an event would go to.

        Raises:
            UnknownProfile: nobody has this refId.
        """
        found = self._resolve(ref_id, action)
        if not found:
            raise UnknownProfile
        owner, plan, add_ons = found
        return Resolved(owner or None, read_subscription(plan, add_ons))


def _webhook(action: str, stored: dict[str, str]) -> Webhook:
    return Webhook(action, stored["url"], moment(stored["updated"]), stored["source"])
