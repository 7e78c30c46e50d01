"""What every scenario uses: the sizes, the receiver, and a directory for each system."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.ours import Ours
from harness.bench.plain import Baseline
from harness.bench.premises import Premises
from harness.bench.receiver import Receiver
from harness.bench.size import Size


@dataclass
class Ground:
    """What all measurements share.

    Attributes:
        directory: the directory for the files of the systems.
    """

    size: Size
    premises: Premises
    directory: Path
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def receiver(self) -> Receiver:
        """The receiver of all calls."""
        return self.premises.receiver

    def ours(self, urls: Sequence[str], settings: Mapping[str, str] | None = None, workers: int = 1) -> Ours:
        """Return a Ringback with a profile for each of these URLs, which is not started yet."""
        return Ours(self._place("ours"), self.premises, urls, settings, workers)

    def baseline(self, urls: Sequence[str]) -> Baseline:
        """Return a baseline with a profile for each of these URLs, which is not started yet."""
        return Baseline(self._place("baseline"), self.premises, urls)

    def _place(self, name: str) -> Path:
        return self.directory / f"{next(self._numbers):03}-{name}"
