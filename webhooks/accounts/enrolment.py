"""Enrolling accounts and profiles, and telling from a key who calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from webhooks.accounts.account import Account, AccountChange, Profile, new_ref_id
from webhooks.accounts.keys import fingerprint, new_key
from webhooks.clock import Now, utc_now
from webhooks.errors import NotAuthenticated, UnknownAccount, UnknownProfile, UnknownProfileKey

#: How long a key that was replaced stays valid, unless somebody says otherwise; and at most.
KEY_OVERLAP = timedelta(hours=24)
MAX_KEY_OVERLAP = timedelta(days=30)


class Accounts(Protocol):
    """Where accounts and profiles are kept."""

    def add_account(self, account: Account, key_fingerprint: str) -> None:
        """Store a new account with its primary profile."""

    def change_account(self, ref_id: str, change: AccountChange) -> None:
        """Store what has changed about an account, and nothing else: another change may come at the same time."""

    def account(self, ref_id: str) -> Account | None:
        """Return an account."""

    def add_profile(self, profile: Profile, key_fingerprint: str) -> None:
        """Store a new user profile; raises TooManyProfiles."""

    def rename_profile(self, ref_id: str, title: str) -> None:
        """Give a user profile another title; raises UnknownProfile."""

    def remove_profile(self, profile: Profile) -> None:
        """Remove a user profile with its keys, its secret and its webhooks."""

    def replace_key(
        self, ref_id: str, key_fingerprint: str, overlap: timedelta, calling: str | None = None
    ) -> datetime:
        """Give a profile another key, if `calling` is the current one; the one before stays valid for `grace`.

        It returns until when, and raises UnknownProfile, KeyReplaced or KeyInGrace.
        """

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile."""

    def profile_by_key(self, key_fingerprint: str) -> Profile | None:
        """Return the profile that a key belongs to: an account's primary profile, or a user profile."""

    def ref_ids_by_keys(self, key_fingerprints: Sequence[str]) -> list[str | None]:
        """Return for each key the refId of the account or profile that it belongs to; None if there is none."""

    def user_profiles(self, account_ref_id: str) -> list[Profile]:
        """Return an account's user profiles, the oldest first."""


class Enrolment:
    """Accounts, profiles and their keys. A key is returned once, when it is made; a fingerprint is kept."""

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
            UnknownAccount: no account has this refId.
        """
        account = self._accounts.account(ref_id)
        if account is None:
            raise UnknownAccount
        return account

    def change_account(self, ref_id: str, change: AccountChange) -> Account:
        """Change an account and return it.

        Raises:
            UnknownAccount: no account has this refId.
        """
        self.account(ref_id)
        self._accounts.change_account(ref_id, change)
        return self.account(ref_id)

    def add_profile(self, account_ref_id: str, title: str) -> tuple[Profile, str]:
        """Add a user profile to an account; returns it and its Profile-Key.

        Raises:
            TooManyProfiles: the account has as many as it may have.
        """
        profile = Profile(new_ref_id(), account_ref_id, title, self._now())
        key = new_key("profile")
        self._accounts.add_profile(profile, fingerprint(key))
        return profile, key

    def rename_profile(self, profile: Profile, title: str) -> Profile:
        """Give a user profile another title; returns it. Events that were accepted before keep the old one.

        Raises:
            UnknownProfile: the profile was removed meanwhile.
        """
        self._accounts.rename_profile(profile.ref_id, title)
        return replace(profile, title=title)

    def remove_profile(self, profile: Profile) -> None:
        """Remove a user profile; its keys end now, and deliveries on their way to its webhooks as canceled."""
        self._accounts.remove_profile(profile)

    def replace_api_key(self, ref_id: str, overlap: timedelta) -> tuple[str, datetime]:
        """Give an account another API key; returns it, and until when the one before is valid.

        No more than two keys are valid at a time. Without a grace all older ones end now.

        Raises:
            UnknownAccount: no account has this refId.
            KeyInGrace: there is an older key that is still valid, and a grace.
        """
        self.account(ref_id)
        return self._replace_key("api", ref_id, overlap)

    def replace_profile_key(
        self, profile: Profile, overlap: timedelta, calling_key: str | None = None
    ) -> tuple[str, datetime]:
        """Give a user profile another Profile-Key, as `replace_api_key` does for an account.

        Args:
            calling_key: the Profile-Key that asks for it; None when the operator does.

        Raises:
            UnknownProfile: the profile was removed meanwhile.
            KeyReplaced: the key that asks for it is not the newest.
            KeyInGrace: as from `replace_api_key`.
        """
        return self._replace_key("profile", profile.ref_id, overlap, calling_key)

    def user_profile(self, ref_id: str) -> Profile:
        """Return a user profile of any account.

        Raises:
            UnknownProfile: no user profile has this refId.
        """
        profile = self._accounts.profile(ref_id)
        if profile is None or profile.is_primary:
            raise UnknownProfile("No user profile has this refId.")
        return profile

    def ref_ids_by_keys(self, keys: Sequence[str]) -> list[str | None]:
        """Return for each key the refId of the account or profile that it belongs to; None if there is none."""
        return self._accounts.ref_ids_by_keys([fingerprint(key) for key in keys]) if keys else []

    def user_profiles(self, account_ref_id: str) -> list[Profile]:
        """Return an account's user profiles, the oldest first."""
        return self._accounts.user_profiles(account_ref_id)

    def caller_of(self, api_key: str | None, profile_key: str | None) -> Profile:
        """Return the profile that a customer's call is about: the primary's, or the one of its Profile-Key.

        Raises:
            NotAuthenticated: the API key is absent or unknown, or is not an API key.
            UnknownProfileKey: the Profile-Key is no user profile's of this account.
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
