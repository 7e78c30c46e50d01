"""Realistic events as producers send them, made into what a test needs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

REF_ID = "140b8700bd6ade089b242d845e268fb886130c53"
SAMPLES: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text())
    for file in sorted((Path(__file__).parents[1] / "webhooks/actions/samples").glob("*.json"))
}


def sample(name: str, ref_id: str = REF_ID, **changes: Any) -> dict[str, Any]:
    """Return a sample of a profile's event, with these fields changed."""
    return {"refId": ref_id, **copy.deepcopy(SAMPLES[name]), **changes}
