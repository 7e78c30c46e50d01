"""The load and the bare limit as separate processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.bench.bare_limit import Order as LimitOrder
from harness.bench.load import Order, RequestAnswer
from webhooks_local.child_process import ending_with_parent
from webhooks_local.fleet import ROOT

_HOOK_ID = re.compile(r'"hookId": ?"(\w+)"')


class LoadFailedError(Exception):
    """The load could not be sent, or not all of it was accepted; the message gives the reason."""


@dataclass(frozen=True)
class Sent:
    """Events that were all accepted.

    Attributes:
        hook_ids: their hookIds, in the order of sending.
        moments: Unix seconds at which each was sent.
        ended: Unix seconds at which the last was accepted.
        cpu: seconds of CPU time for sending.
    """

    hook_ids: Sequence[str]
    moments: Sequence[float]
    ended: float
    cpu: float


def send(order: Order, batch: int) -> Sent:
    """Send events, `batch` of them in each request.

    Raises:
        LoadFailedError: not every event was accepted.
    """
    done = _run("harness.bench.load", asdict(order))
    sent = [(answer, _accepted(answer, batch)) for answer in (RequestAnswer(**one) for one in done["answers"])]
    return Sent(
        hook_ids=[hook_id for _, hook_ids in sent for hook_id in hook_ids],
        moments=[answer.sent for answer, hook_ids in sent for _ in hook_ids],
        ended=max(answer.answered for answer, _ in sent),
        cpu=done["cpu"],
    )


def post_bare(order: LimitOrder) -> tuple[Sequence[str], float]:
    """Post events without any system in between; returns the hookIds, and the seconds of CPU time.

    Raises:
        LoadFailedError: a call failed.
    """
    done = _run("harness.bench.bare_limit", asdict(order))
    return done["hookIds"], done["cpu"]


def _run(module: str, order: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - the project's own module
        ending_with_parent([sys.executable, "-m", module]),
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode != 0:
        *_, reason = done.stderr.strip().splitlines() or [""]
        raise LoadFailedError(f"{module}: {reason}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _accepted(answer: RequestAnswer, batch: int) -> list[str]:
    hook_ids = _HOOK_ID.findall(answer.body)
    if answer.status != 202 or len(hook_ids) != batch:
        raise LoadFailedError(
            f"{len(hook_ids)} of {batch} events accepted, answer {answer.status}: {answer.body:.300}"
        )
    return hook_ids
