"""Realistic events as producers send them, adapted to a test."""

from __future__ import annotations

import copy
from typing import Any

from webhooks.actions import samples

REF_ID = "140b8700bd6ade089b242d845e268fb886130c53"
SAMPLES: dict[str, dict[str, Any]] = {name: samples.sample(name) for name in samples.names()}


def sample(name: str, ref_id: str = REF_ID, **changes: Any) -> dict[str, Any]:
    """Return a sample event about a profile, with these fields changed."""
    return {"refId": ref_id, **copy.deepcopy(SAMPLES[name]), **changes}
