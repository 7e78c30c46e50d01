"""Webhooks and signing secrets in Redis."""

from __future__ import annotations

import json
from functools import lru_cache

from webhooks.deliveries.accept import Resolution
from webhooks.errors import UnknownProfile
from webhooks.http.destinations import Destination, read_url
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import Rotation
from webhooks.store.accounts import read_subscription
from webhooks.store.connection import AS_BYTES, Client, Clock, milliseconds, moment
from webhooks.store.scripts import Script
from webhooks.store.secrets import as_stored, as_text

#: How many destinations are cached.
MAX_REMEMBERED = 10_000


class RedisWebhooks:
    """The webhooks of each profile, in a hash by action; the sealed secret is stored with the profile.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._register = Script(redis, "registration/register", clock)
        self._resolve = Script(redis, "registration/resolve")

    def put(self, ref_id: str, webhook: Webhook | None, rotation: Rotation | None) -> bool:
        """Register a webhook, replacing an earlier one, and rotate the secret; each unless it is None.

        Returns:
            False if another secret is current by now; then nothing has changed.

        Raises:
            UnknownProfile: the profile has been removed; nothing has changed.
        """
        done = self._register(ref_id, *_rotation_values(rotation), *_webhook_values(webhook))
        if not done:
            raise UnknownProfile
        return bool(done[0])

    def remove(self, ref_id: str, action: str) -> bool:
        """Remove a webhook; False if there was none."""
        return bool(self._redis.hdel(f"webhooks:{ref_id}", action))

    def all_of(self, ref_id: str) -> list[Webhook]:
        """Return a profile's webhooks."""
        found = self._redis.hgetall(f"webhooks:{ref_id}")
        return [_webhook(action, stored) for action, stored in found.items()]

    def current_secret(self, ref_id: str) -> str | None:
        """Return a profile's signing secret, sealed; None if there is none."""
        sealed = self._redis.execute_command("HGET", f"profile:{ref_id}", "secret", **AS_BYTES)
        return None if sealed is None else as_text(sealed)

    def end_rotation_window(self, ref_id: str) -> None:
        """Delete the previous signing secret."""
        with self._redis.pipeline() as transaction:
            transaction.delete(f"oldSecret:{ref_id}")
            transaction.hdel(f"profile:{ref_id}", "oldSecretUntil")
            transaction.execute()

    def resolve(self, ref_id: str, action: str) -> Resolution:
        """Return which webhook an event would go to.

        Raises:
            UnknownProfile: there is no profile with this refId.
        """
        found = self._resolve(ref_id, action)
        if not found:
            raise UnknownProfile
        owner, plan, add_ons = found
        return Resolution(owner or None, read_subscription(plan, add_ons))


def _rotation_values(rotation: Rotation | None) -> tuple[object, ...]:
    if rotation is None:
        return "", "", 0
    return as_stored(rotation.before or ""), rotation.after, round(rotation.window.total_seconds() * 1000)


def _webhook_values(webhook: Webhook | None) -> tuple[str, str]:
    if webhook is None:
        return "", ""
    destination = webhook.destination
    stored = {
        "url": destination.url,
        "host": destination.host,
        "port": destination.port,
        "source": webhook.source,
        "updated": milliseconds(webhook.updated),
    }
    return webhook.action, json.dumps(stored)


def _webhook(action: str, text: str) -> Webhook:
    stored = json.loads(text)
    return Webhook(action, read_destination(text), moment(stored["updated"]), stored["source"])


@lru_cache(MAX_REMEMBERED)
def read_destination(text: str) -> Destination:
    """Return the destination of a stored webhook.

    Raises:
        KeyError, TypeError, ValueError: the stored webhook cannot be read.
    """
    stored = json.loads(text)
    if "host" in stored:
        return Destination(stored["url"], stored["host"], stored["port"])
    return read_url(stored["url"])  # registered before hosts were stored
