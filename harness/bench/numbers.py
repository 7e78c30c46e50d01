"""Statistics of many measured numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median, minimum and maximum of a few numbers."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Return the spread of at least one number."""
        return cls(median(numbers), min(numbers), max(numbers))


def percentile(numbers: Sequence[float], percent: float) -> float:
    """Return the lowest of at least one number that this percentage of them does not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def rate(count: int, began: float, ended: float) -> float:
    """Return a rate per second; equal times count as a millisecond apart."""
    return count / max(ended - began, 0.001)
