"""Ringing: publishing hookIds, so that a worker attempts them in time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

#: Publishes hookIds, to be attempted after so many seconds. It never raises: the sweep makes up for a message that
#: could not be published.
Ring = Callable[[Sequence[str], float], None]


def ring_together(ring: Ring, waits: Iterable[tuple[str, float]]) -> None:
    """Ring for many hookIds, each with the seconds until it is due; those due at about the same time together.

    A message may come up to a tenth of a second late; by one and the same clock it is never early, for then its
    claim is refused.
    """
    together: dict[float, list[str]] = defaultdict(list)
    for hook_id, wait in waits:
        together[math.ceil(wait * 10) / 10].append(hook_id)
    for wait, hook_ids in together.items():
        ring(hook_ids, wait)
