"""Opening and changing accounts and profiles, replacing their keys, and finding the profile of a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from webhooks.accounts.account import Account, AccountChange, Profile, new_ref_id
from webhooks.accounts.keys import fingerprint, new_key
from webhooks.accounts.storage import Accounts
from webhooks.clock import Now, utc_now
from webhooks.errors import NotAuthenticated, UnknownAccount, UnknownProfile, UnknownProfileKey

#: How long a replaced key stays valid by default, and the maximum.
KEY_OVERLAP = timedelta(hours=24)
MAX_KEY_OVERLAP = timedelta(days=30)


class AccountManager:
    """Manages accounts, profiles and their keys. A new key is returned once; only its fingerprint is stored."""

    def __init__(self, accounts: Accounts, now: Now = utc_now) -> None:
        self._accounts = accounts
        self._now = now

    def open_account(
        self, title: str, email: str, alt_emails: tuple[str, ...], plan: str, add_ons: tuple[str, ...]
    ) -> tuple[Account, str]:
        """Open an account; returns it and its API key."""
        account = Account(new_ref_id(), title, email, alt_emails, plan, add_ons, self._now())
        key = new_key("api")
        self._accounts.add_account(account, fingerprint(key))
        return account, key

    def account(self, ref_id: str) -> Account:
        """Return an account.

        Raises:
            UnknownAccount: no account has this refId; it may be a user profile's.
        """
        account = self._accounts.account(ref_id)
        if account is None:
            raise UnknownAccount
        return account

    def change_account(self, ref_id: str, change: AccountChange) -> Account:
        """Change an account and return it.

        Raises:
            UnknownAccount: no account has this refId; it may be a user profile's.
        """
        self.account(ref_id)
        self._accounts.change_account(ref_id, change)
        return self.account(ref_id)

    def add_profile(self, account_ref_id: str, title: str) -> tuple[Profile, str]:
        """Add a user profile to an account; returns it and its Profile-Key.

        Raises:
            TooManyProfiles: the account has the maximum number of user profiles.
        """
        profile = Profile(new_ref_id(), account_ref_id, title, self._now())
        key = new_key("profile")
        self._accounts.add_profile(profile, fingerprint(key))
        return profile, key

    def rename_profile(self, profile: Profile, title: str) -> Profile:
        """Change the title of a user profile; returns the profile. Events accepted before keep the old title.

        Raises:
            UnknownProfile: the profile has been removed.
        """
        self._accounts.rename_profile(profile.ref_id, title)
        return replace(profile, title=title)

    def remove_profile(self, profile: Profile) -> None:
        """Remove a user profile: its keys become invalid, and deliveries owed to its webhooks end as canceled."""
        self._accounts.remove_profile(profile)

    def replace_api_key(self, ref_id: str, overlap: timedelta) -> tuple[str, datetime]:
        """Replace the API key of an account; returns the new key, and the end of the overlap with the old key.

        At most two keys are valid at a time. An overlap of zero invalidates all older keys at once.

        Raises:
            UnknownAccount: no account has this refId; it may be a user profile's.
            OldKeyStillValid: the key before the current one is still valid, and the overlap is not zero.
        """
        self.account(ref_id)
        return self._replace_key("api", ref_id, overlap)

    def replace_profile_key(
        self, profile: Profile, overlap: timedelta, calling_key: str | None = None
    ) -> tuple[str, datetime]:
        """Replace the Profile-Key of a user profile, as `replace_api_key` does for an account.

        Args:
            calling_key: the Profile-Key of the caller; None when the operator replaces it.

        Raises:
            UnknownProfile: the profile has been removed.
            KeyReplaced: the caller's key is not the newest.
            OldKeyStillValid: as from `replace_api_key`.
        """
        return self._replace_key("profile", profile.ref_id, overlap, calling_key)

    def user_profile(self, ref_id: str) -> Profile:
        """Return a user profile of any account.

        Raises:
            UnknownProfile: no user profile has this refId; it may be an account's.
        """
        profile = self._accounts.profile(ref_id)
        if profile is None or profile.is_primary:
            raise UnknownProfile("No user profile has this refId.")
        return profile

    def ref_ids_by_keys(self, keys: Sequence[str]) -> list[str | None]:
        """Return for each key the refId of its account or profile; None for an unknown key."""
        return self._accounts.ref_ids_by_keys([fingerprint(key) for key in keys]) if keys else []

    def user_profiles(self, account_ref_id: str) -> list[Profile]:
        """Return an account's user profiles, the oldest first."""
        return self._accounts.user_profiles(account_ref_id)

    def caller_of(self, api_key: str | None, profile_key: str | None) -> Profile:
        """Return the profile that a customer calls about: that of the Profile-Key, or else the primary profile.

        Raises:
            NotAuthenticated: the API key is absent or unknown, or is not an API key.
            UnknownProfileKey: the Profile-Key does not belong to a user profile of this account.
        """
        primary = self._accounts.profile_by_key(fingerprint(api_key)) if api_key else None
        if primary is None or not primary.is_primary:
            raise NotAuthenticated
        if profile_key is None:
            return primary
        profile = self._accounts.profile_by_key(fingerprint(profile_key))
        if profile is None or profile.is_primary or profile.account_ref_id != primary.ref_id:
            raise UnknownProfileKey
        return profile

    def _replace_key(
        self, kind: str, ref_id: str, overlap: timedelta, calling_key: str | None = None
    ) -> tuple[str, datetime]:
        key = new_key(kind)
        calling = None if calling_key is None else fingerprint(calling_key)
        return key, self._accounts.replace_key(ref_id, fingerprint(key), overlap, calling)
