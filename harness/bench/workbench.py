"""What every scenario uses: the sizes, the receiver, and a directory for each system."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.baseline_system import BaselineSystem
from harness.bench.receiver import Receiver
from harness.bench.ringback import Ringback
from harness.bench.size import BenchSize
from harness.bench.target import Target


@dataclass
class Workbench:
    """What all measurements share.

    Attributes:
        directory: the directory for the files of the systems.
    """

    size: BenchSize
    target: Target
    directory: Path
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def receiver(self) -> Receiver:
        """The receiver of all calls."""
        return self.target.receiver

    def ringback(
        self, urls: Sequence[str], settings: Mapping[str, str] | None = None, workers: int = 1
    ) -> Ringback:
        """Return a Ringback with a profile for each of these URLs, which is not started yet."""
        return Ringback(self._place("ours"), self.target, urls, settings, workers)

    def baseline(self, urls: Sequence[str]) -> BaselineSystem:
        """Return a baseline with a profile for each of these URLs, which is not started yet."""
        return BaselineSystem(self._place("baseline"), self.target, urls)

    def _place(self, name: str) -> Path:
        return self.directory / f"{next(self._numbers):03}-{name}"
