"""The webhooks by profile, from a file that is read once, as no look-up can be quicker."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Webhook:
    """The URL for a profile's events, and the secret that signs them."""

    url: str
    secret: str


def read_webhooks() -> dict[str, Webhook]:
    """Return the webhooks by refId, from the file named by BASELINE_WEBHOOKS."""
    stored = json.loads(Path(os.environ["BASELINE_WEBHOOKS"]).read_text())
    return {ref_id: Webhook(**webhook) for ref_id, webhook in stored.items()}


def webhooks_as_json(webhooks: Mapping[str, Webhook]) -> str:
    """Return the content of such a file."""
    return json.dumps({ref_id: asdict(webhook) for ref_id, webhook in webhooks.items()})
