"""Who plays in the demo: profiles, their webhooks, and the events that are sent."""

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
    # The bakery's `batch` and `feed` go here, its `social` does not: it has a webhook of its own for that.
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
    """A profile of the demo's account; the primary one has no `key`, and every one a secret to sign with."""

    title: str
    ref_id: str
    key: str | None
    secret: str


@dataclass(frozen=True)
class Sent:
    """An event that was sent, and where it must arrive.

    Attributes:
        hook_id: the delivery's id.
        event: as it was sent.
        profile: the profile it is about.
        owner: the profile whose webhook must be called.
        path: of the receiver.
        at: seconds since 1970 when its sending began.
    """

    hook_id: str
    event: Mapping[str, Any]
    profile: Profile
    owner: Profile
    path: str
    at: float


def set_up(api: Api, receiver: Receiver) -> dict[str, Profile]:
    """Make an account, profiles, secrets and webhooks, and return the profiles by title.

    Raises:
        DemoFailedError: the API refused something.
    """
    primary = api.create_account(PRIMARY)
    profiles = {PRIMARY: Profile(PRIMARY, primary["refId"], None, _whsec_secret())}
    for title, secret in ((BAKERY, _plain_secret()), (FLAKY, _whsec_secret()), (SILENT, _plain_secret())):
        made = api.post("/api/profiles", {"title": title})
        profiles[title] = Profile(title, made["refId"], made["profileKey"], secret)
    for profile in profiles.values():
        api.post("/api/hook/webhook/secret", {"secret": profile.secret}, profile.key)
    for (title, action), path in WEBHOOKS.items():
        api.post("/api/hook/webhook", {"action": action, "url": receiver.url(path)}, profiles[title].key)
    return profiles


def send_events(stack: Stack, profiles: Mapping[str, Profile]) -> list[Sent]:
    """Send all events at once, with the client that producers use.

    Raises:
        DemoFailedError: one was not queued.
        webhooks_client.ClientError: one was not taken.
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
    """Return a secret as the Standard Webhooks libraries make them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
