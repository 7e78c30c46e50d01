"""Whose events go where: a file that is read once, which is as quick as a look-up can be."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Webhook:
    """Where a profile's events go, and the secret that signs them."""

    url: str
    secret: str


def read_webhooks() -> dict[str, Webhook]:
    """Return the webhooks by refId, from the file that BASELINE_WEBHOOKS names."""
    stored = json.loads(Path(os.environ["BASELINE_WEBHOOKS"]).read_text())
    return {ref_id: Webhook(**webhook) for ref_id, webhook in stored.items()}


def webhooks_as_json(webhooks: Mapping[str, Webhook]) -> str:
    """Return the content of such a file."""
    return json.dumps({ref_id: asdict(webhook) for ref_id, webhook in webhooks.items()})
