"""Resealing: encrypting all signing secrets by the first key, so that the others can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from webhooks.signing.secret_box import SecretBox, UnreadableSecret

#: A profile's sealed secrets: the current one, then the one before it while that signs too.
Sealed: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Replacement:
    """What is to be stored instead of a profile's sealed secrets.

    Attributes:
        before: what must still be stored, sealed by any of the keys.
        after: the same secrets, sealed by the first key as far as they can be read.
    """

    ref_id: str
    before: Sealed
    after: Sealed


class SealedSecrets(Protocol):
    """Where sealed secrets are kept."""

    def page_count(self) -> int:
        """Return roughly how many pages there are now."""

    def pages(self) -> Iterator[Mapping[str, Sealed]]:
        """Give all sealed secrets by refId, each once, page by page; some pages are empty."""

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, Sealed]:
        """Return the sealed secrets of those of these profiles that have one now."""

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Store each replacement whose original is still stored; False for one whose original has changed."""


@dataclass
class Report:
    """The result of resealing.

    Attributes:
        resealed: how many are sealed by the first key now, and were not before.
        already: how many were before.
        unreadable: the refIds of the profiles that have one which no key opens.
    """

    resealed: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Add another result."""
        self.resealed += other.resealed
        self.already += other.already
        self.unreadable += other.unreadable


class Resealer:
    """Reseals all secrets while everything runs. It may run again at any time."""

    def __init__(self, secrets: SealedSecrets, box: SecretBox) -> None:
        self._secrets = secrets
        self._box = box

    def page_count(self) -> int:
        """Return roughly how many pages `reseal` will go through."""
        return self._secrets.page_count()

    def reseal(self, on_page: Callable[[], None] = lambda: None) -> Report:
        """Seal by the first key what another has sealed.

        Args:
            on_page: called after each page.

        Raises:
            StorageUnavailable: some may be left; nothing is harmed.
        """
        report = Report()
        for page in self._secrets.pages():
            left = page
            while left:
                changed = self._reseal(left, report)
                left = self._secrets.of(changed)
            on_page()
        return report

    def _reseal(self, sealed: Mapping[str, Sealed], report: Report) -> list[str]:
        """Reseal these; returns the refIds of those that were changed meanwhile, perhaps sealed by another key."""
        judged = [self._judge(ref_id, before) for ref_id, before in sealed.items()]
        to_replace = [replacement for replacement, found in judged if found.resealed]
        done = iter(self._secrets.replace(to_replace) if to_replace else ())
        changed = []
        for replacement, found in judged:
            if not found.resealed or next(done):
                report.add(found)
            else:
                changed.append(replacement.ref_id)
        return changed

    def _judge(self, ref_id: str, before: Sealed) -> tuple[Replacement, Report]:
        """Return what would have to be stored for a profile, and what to report of it then."""
        found, after = Report(), []
        for sealed in before:
            resealed = None
            try:
                resealed = self._box.reseal(ref_id, sealed)
            except UnreadableSecret:
                found.unreadable = [ref_id]
            else:
                found.resealed += resealed is not None
                found.already += resealed is None
            after.append(resealed or sealed)
        return Replacement(ref_id, before, tuple(after)), found
