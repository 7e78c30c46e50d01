"""Resealing: all signing secrets are encrypted with the first key, so that the other keys can be removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from webhooks.signing.secret_box import SecretBox, UnreadableSecret

#: A profile's sealed secrets: the current one, then the previous one during the rotation window.
Sealed: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Replacement:
    """New values for a profile's sealed secrets.

    Attributes:
        before: the sealed secrets that must still be stored.
        after: the same secrets, sealed with the first key if they can be read.
    """

    ref_id: str
    before: Sealed
    after: Sealed


class SealedSecrets(Protocol):
    """Where sealed secrets are kept."""

    def page_count(self) -> int:
        """Return roughly how many pages there are now."""

    def pages(self) -> Iterator[Mapping[str, Sealed]]:
        """Give all sealed secrets by refId, each once, page by page; pages may be empty."""

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, Sealed]:
        """Return the sealed secrets of these profiles, without the profiles that have none."""

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Compare and set: store each whose `before` is still stored; returns for each whether it was stored."""


@dataclass
class Report:
    """The result of resealing.

    Attributes:
        resealed: how many secrets were sealed with another key before.
        already: how many secrets were sealed with the first key before.
        unreadable: the refIds of the profiles with a secret that none of the keys opens.
    """

    resealed: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Add another result to this one."""
        self.resealed += other.resealed
        self.already += other.already
        self.unreadable += other.unreadable


class Resealer:
    """Reseals all secrets while the API and the workers run. It can be run again at any time."""

    def __init__(self, secrets: SealedSecrets, box: SecretBox) -> None:
        self._secrets = secrets
        self._box = box

    def page_count(self) -> int:
        """Return roughly how many pages `reseal` will read."""
        return self._secrets.page_count()

    def reseal(self, on_page: Callable[[], None] = lambda: None) -> Report:
        """Seal with the first key all secrets that another key has sealed.

        Args:
            on_page: called after each page.

        Raises:
            StorageUnavailable: some secrets may not be resealed yet; none is lost.
        """
        report = Report()
        for page in self._secrets.pages():
            pending = page
            while pending:
                changed = self._reseal(pending, report)
                pending = self._secrets.of(changed)
            on_page()
        return report

    def _reseal(self, sealed: Mapping[str, Sealed], report: Report) -> list[str]:
        """Reseal these; returns the refIds of those that were set concurrently, perhaps with another key."""
        planned = [self._plan(ref_id, before) for ref_id, before in sealed.items()]
        to_replace = [replacement for replacement, found in planned if found.resealed]
        done = iter(self._secrets.replace(to_replace) if to_replace else ())
        changed = []
        for replacement, found in planned:
            if not found.resealed or next(done):
                report.add(found)
            else:
                changed.append(replacement.ref_id)
        return changed

    def _plan(self, ref_id: str, before: Sealed) -> tuple[Replacement, Report]:
        """Return the new values of a profile's secrets, and the result if they are stored."""
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
