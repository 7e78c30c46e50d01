"""The port to the storage of accounts, profiles and the fingerprints of their keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from webhooks.accounts.account import Account, AccountChange, Profile


class Accounts(Protocol):
    """Stores accounts and profiles."""

    def add_account(self, account: Account, key_fingerprint: str) -> None:
        """Store a new account with its primary profile."""

    def change_account(self, ref_id: str, change: AccountChange) -> None:
        """Store only the fields that the change names, as another change may come at the same time."""

    def account(self, ref_id: str) -> Account | None:
        """Return an account; None if no account has this refId."""

    def add_profile(self, profile: Profile, key_fingerprint: str) -> None:
        """Store a new user profile; raises TooManyProfiles."""

    def rename_profile(self, ref_id: str, title: str) -> None:
        """Change the title of a user profile; raises UnknownProfile."""

    def remove_profile(self, profile: Profile) -> None:
        """Remove a user profile with its keys, its secret and its webhooks."""

    def replace_key(
        self, ref_id: str, key_fingerprint: str, overlap: timedelta, calling: str | None = None
    ) -> datetime:
        """Replace the newest key of a profile; the replaced key stays valid for `overlap`.

        It returns the end of the overlap, and raises UnknownProfile, KeyReplaced or OldKeyStillValid.

        Args:
            calling: the fingerprint that must be the newest one's; None to replace any.
        """

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile; None if no profile has this refId."""

    def profile_by_key(self, key_fingerprint: str) -> Profile | None:
        """Return the profile that a key belongs to: the primary profile for an API key, else a user profile."""

    def ref_ids_by_keys(self, key_fingerprints: Sequence[str]) -> list[str | None]:
        """Return for each key the refId of its account or profile; None for an unknown key."""

    def user_profiles(self, account_ref_id: str) -> list[Profile]:
        """Return an account's user profiles, the oldest first."""
