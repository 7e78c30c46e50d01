"""What admission needs to know of a call, and what it decides about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Candidate(Protocol):
    """A call that is ready to be made."""

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the call among all calls of the process."""

    @property
    def account(self) -> str:
        """The account that the call is made for."""

    @property
    def host(self) -> str:
        """The host and port that it goes to."""

    @property
    def url(self) -> str:
        """The receiver that it goes to."""


class AdmissionDecision(StrEnum):
    """What happens to a candidate. The last four mean that it is given back to the ledger, and why."""

    NOW = "now"
    WAIT = "wait"
    HOST_IS_FULL = "host"
    UNRESPONSIVE = "unresponsive"
    ACCOUNT_IS_FULL = "account"
    OUT_OF_RESOURCES = "resources"
