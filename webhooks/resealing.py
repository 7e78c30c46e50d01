"""Resealing: encrypting all signing secrets by the first key, so that the others can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from webhooks.secrets import SecretBox, UnreadableSecret


@dataclass(frozen=True)
class Replacement:
    """What is to be stored in the place of a sealed secret.

    Attributes:
        before: what must still be stored, sealed by another key.
        after: the same secret, sealed by the first key.
    """

    ref_id: str
    before: str
    after: str


class SealedSecrets(Protocol):
    """Where sealed secrets are kept."""

    def page_count(self) -> int:
        """Return roughly how many pages there are now."""

    def pages(self) -> Iterator[Mapping[str, str]]:
        """Give all sealed secrets by refId, each once, page by page; many a page is empty."""

    def of(self, ref_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the sealed secrets of those of these profiles that have one now."""

    def replace(self, replacements: Sequence[Replacement]) -> list[bool]:
        """Store each that takes the place of what is still there; False for one that has been changed."""


@dataclass
class Report:
    """What came of resealing.

    Attributes:
        resealed: how many are sealed by the first key now, and were not before.
        already: how many were before.
        unreadable: the refIds of those that no key opens.
    """

    resealed: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)


class Resealing:
    """Goes through all secrets while everything runs, and may do so again at any time."""

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

    def _reseal(self, sealed: Mapping[str, str], report: Report) -> list[str]:
        """Reseal these; returns the refIds of those that were changed meanwhile, perhaps sealed by another key."""
        replacements = []
        for ref_id, before in sealed.items():
            try:
                after = self._box.reseal(ref_id, before)
            except UnreadableSecret:
                report.unreadable.append(ref_id)
                continue
            if after is None:
                report.already += 1
            else:
                replacements.append(Replacement(ref_id, before, after))
        done = self._secrets.replace(replacements) if replacements else []
        report.resealed += sum(done)
        return [one.ref_id for one, is_done in zip(replacements, done, strict=True) if not is_done]
