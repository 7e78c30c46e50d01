"""What many measured numbers come to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median of a few numbers, the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Return the spread of at least one number."""
        return cls(median(numbers), min(numbers), max(numbers))


def percentile(numbers: Sequence[float], percent: float) -> float:
    """Return the least of these numbers, of which there must be one, that so many percent do not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def rate(count: int, began: float, ended: float) -> float:
    """Return how many a second that were; moments that are the same count as a millisecond apart."""
    return count / max(ended - began, 0.001)
