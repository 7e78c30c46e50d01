"""Accounts and their profiles."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

PLANS = ("free", "premium", "launch", "business", "enterprise")
ADD_ONS = ("messaging",)
#: The maximum number of user profiles of an account.
MAX_PROFILES = 5_000


@dataclass(frozen=True)
class Account:
    """A paying customer. Its primary profile has the same `ref_id` and title.

    Attributes:
        ref_id: 40 hex characters, public.
        email: where notices go if there are no `alt_emails`.
        plan: one of `PLANS`.
        add_ons: some of `ADD_ONS`.
    """

    ref_id: str
    title: str
    email: str
    alt_emails: tuple[str, ...]
    plan: str
    add_ons: tuple[str, ...]
    created: datetime

    @property
    def notice_addresses(self) -> tuple[str, ...]:
        """The addresses that notices go to, without duplicates (contract section 4)."""
        return tuple(dict.fromkeys(self.alt_emails or (self.email,)))


@dataclass(frozen=True)
class AccountChange:
    """A change of an account by an operator; None leaves a field as it is."""

    email: str | None = None
    alt_emails: tuple[str, ...] | None = None
    plan: str | None = None
    add_ons: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Profile:
    """The subject of an event: an account's primary profile or one of its user profiles.

    Attributes:
        ref_id: 40 hex characters, public.
        account_ref_id: the account it belongs to; its own `ref_id` if it is the primary profile.
    """

    ref_id: str
    account_ref_id: str
    title: str
    created: datetime

    @property
    def is_primary(self) -> bool:
        """Whether this is the primary profile of its account."""
        return self.ref_id == self.account_ref_id


def new_ref_id() -> str:
    """Return a fresh refId: 40 random hex characters."""
    return secrets.token_hex(20)
