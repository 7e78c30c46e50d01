"""The profiles of the demo, their webhooks, and the events that are sent."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from webhooks.actions.samples import sample
from webhooks_client import Client
from webhooks_local.demo.api import Api
from webhooks_local.demo.stack import DemoFailedError, Stack
from webhooks_local.receiver import Receiver

PRIMARY = "Agency"
BAKERY = "Bakery"
FLAKY = "Flaky"
SILENT = "Silent"

WEBHOOKS: Mapping[tuple[str, str], str] = {
    (BAKERY, "scheduled"): "/ok/bakery/scheduled",
    (BAKERY, "social"): "/ok/bakery/social",
    (BAKERY, "messages"): "/ok/bakery/messages",
    # `batch` and `feed` of the bakery are sent here; it has its own webhook for `social`.
    (PRIMARY, "social"): "/ok/primary/social",
    (PRIMARY, "batch"): "/ok/primary/batch",
    (PRIMARY, "feed"): "/ok/primary/feed",
    (FLAKY, "scheduled"): "/fail/2/flaky",
    (SILENT, "scheduled"): "/hang/silent",
}
"""The path of the receiver that a profile has registered for an action."""

EVENTS: tuple[tuple[str, str, str], ...] = (
    (BAKERY, "scheduled-success", BAKERY),
    (BAKERY, "social-link", BAKERY),
    (BAKERY, "messages-messageCreated", BAKERY),
    (BAKERY, "batch-users", PRIMARY),
    (BAKERY, "feed-rss", PRIMARY),
    (FLAKY, "scheduled-error", FLAKY),
    (SILENT, "scheduled-success", SILENT),
)
"""The profile an event is about, the sample that is sent, and the profile whose webhook must be called."""


@dataclass(frozen=True)
class Profile:
    """A profile of the demo's account with its signing secret; the primary profile has no `key`."""

    title: str
    ref_id: str
    key: str | None
    secret: str


@dataclass(frozen=True)
class Sent:
    """An event that was sent, and where it must arrive.

    Attributes:
        hook_id: the delivery's id.
        event: the event as it was sent.
        profile: the profile that it concerns.
        owner: the profile whose webhook must be called.
        path: the path of the receiver.
        at: the time at which sending started, in seconds since 1970.
    """

    hook_id: str
    event: Mapping[str, Any]
    profile: Profile
    owner: Profile
    path: str
    at: float


def set_up(api: Api, receiver: Receiver) -> dict[str, Profile]:
    """Create an account, profiles, secrets and webhooks, and return the profiles by title.

    Raises:
        DemoFailedError: the API refused a call.
    """
    primary = api.create_account(PRIMARY)
    profiles = {PRIMARY: Profile(PRIMARY, primary["refId"], None, _whsec_secret())}
    for title, secret in ((BAKERY, _plain_secret()), (FLAKY, _whsec_secret()), (SILENT, _plain_secret())):
        created = api.post("/api/profiles", {"title": title})
        profiles[title] = Profile(title, created["refId"], created["profileKey"], secret)
    for profile in profiles.values():
        api.post("/api/hook/webhook/secret", {"secret": profile.secret}, profile.key)
    for (title, action), path in WEBHOOKS.items():
        api.post("/api/hook/webhook", {"action": action, "url": receiver.url(path)}, profiles[title].key)
    return profiles


def send_events(stack: Stack, profiles: Mapping[str, Profile]) -> list[Sent]:
    """Send all events at once with the producers' client.

    Raises:
        DemoFailedError: an event was not queued.
        webhooks_client.ClientError: an event was not accepted.
    """
    with Client(stack.url, stack.producer_key) as client, ThreadPoolExecutor(len(EVENTS)) as pool:

        def send(entry: tuple[str, str, str]) -> Sent:
            about, name, owner = entry
            event = {**sample(name), "refId": profiles[about].ref_id}
            at = time.time()
            receipt = client.send(event)
            if receipt.hook_id is None:
                raise DemoFailedError(f"{name} for {about} was not queued: {receipt.state}")
            path = WEBHOOKS[owner, event["action"]]
            return Sent(receipt.hook_id, event, profiles[about], profiles[owner], path, at)

        return list(pool.map(send, EVENTS))


def _plain_secret() -> str:
    return secrets.token_urlsafe(24)


def _whsec_secret() -> str:
    """Return a secret in the form of the Standard Webhooks libraries."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
