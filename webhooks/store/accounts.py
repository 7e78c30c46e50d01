"""Accounts, profiles and the fingerprints of their keys in Redis."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache

from webhooks.accounts.account import MAX_PROFILES, Account, AccountChange, Profile
from webhooks.accounts.plans import Subscription, needs_of
from webhooks.errors import KeyReplaced, OldKeyStillValid, TooManyProfiles, UnknownProfile
from webhooks.store.connection import Client, Clock, milliseconds, moment
from webhooks.store.scripts import Script


class RedisAccounts:
    """Accounts and profiles; each write is one transaction.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._add_profile = Script(redis, "accounts/add_profile", clock)
        self._replace_key = Script(redis, "accounts/replace_key", clock)
        self._rename_profile = Script(redis, "accounts/rename_profile", clock)
        self._remove_profile = Script(redis, "accounts/remove_profile", clock)

    def add_account(self, account: Account, key_fingerprint: str) -> None:
        """Store a new account with its primary profile."""
        primary = Profile(account.ref_id, account.ref_id, account.title, account.created)
        with self._redis.pipeline() as transaction:
            transaction.hset(f"account:{account.ref_id}", mapping=_account_fields(account))
            transaction.hset(f"profile:{account.ref_id}", mapping=_profile_fields(primary, key_fingerprint))
            transaction.set(f"key:{key_fingerprint}", account.ref_id)
            transaction.execute()

    def change_account(self, ref_id: str, change: AccountChange) -> None:
        """Store only the fields that the change names, as another change may come at the same time."""
        if changed := _changeable_fields(change):
            self._redis.hset(f"account:{ref_id}", mapping=changed)

    def account(self, ref_id: str) -> Account | None:
        """Return an account."""
        with self._redis.pipeline() as transaction:
            transaction.hgetall(f"account:{ref_id}")
            transaction.hget(f"profile:{ref_id}", "title")
            stored, title = transaction.execute()
        return _account(ref_id, title, stored) if stored else None

    def subscription(self, ref_id: str) -> Subscription:
        """Return the current subscription of an account; an empty one if there is no such account."""
        return read_subscription(*self._redis.hmget(f"account:{ref_id}", "plan", "addOns"))

    def add_profile(self, profile: Profile, key_fingerprint: str) -> None:
        """Store a new user profile.

        Raises:
            TooManyProfiles: its account has `MAX_PROFILES`.
        """
        fields = (profile.account_ref_id, profile.title, milliseconds(profile.created), key_fingerprint)
        (is_stored,) = self._add_profile(profile.ref_id, *fields, MAX_PROFILES)
        if not is_stored:
            raise TooManyProfiles

    def rename_profile(self, ref_id: str, title: str) -> None:
        """Change the title of a profile.

        Raises:
            UnknownProfile: the profile has been removed.
        """
        (is_renamed,) = self._rename_profile(ref_id, title)
        if not is_renamed:
            raise UnknownProfile

    def remove_profile(self, profile: Profile) -> None:
        """Remove a user profile with its keys, its secret, its webhooks and its feeds."""
        self._remove_profile(profile.ref_id)

    def replace_key(
        self, ref_id: str, key_fingerprint: str, overlap: timedelta, calling: str | None = None
    ) -> datetime:
        """Replace the key of a profile; the current key stays valid for `overlap`, and older keys end.

        Args:
            calling: the fingerprint that the current key must have; None for any.

        Returns:
            the end of the overlap.

        Raises:
            UnknownProfile: the profile has been removed.
            KeyReplaced: another key than `calling` is the current one.
            OldKeyStillValid: the previous key is still valid, and the overlap is not zero.
        """
        milliseconds = round(overlap.total_seconds() * 1000)
        what, *until = self._replace_key(ref_id, key_fingerprint, milliseconds, calling or "")
        match what:
            case "replaced":
                return moment(until[0])
            case "early":
                raise OldKeyStillValid(moment(until[0]))
            case "old":
                raise KeyReplaced
        raise UnknownProfile

    def profile_by_key(self, key_fingerprint: str) -> Profile | None:
        """Return the profile that a key belongs to: an account's primary profile, or a user profile."""
        ref_id = self._redis.get(f"key:{key_fingerprint}")
        return None if ref_id is None else self.profile(ref_id)

    def profile(self, ref_id: str) -> Profile | None:
        """Return a profile."""
        stored = self._redis.hgetall(f"profile:{ref_id}")
        return _profile(ref_id, stored) if stored else None

    def ref_ids_by_keys(self, key_fingerprints: Sequence[str]) -> list[str | None]:
        """Return for each key the refId of its account or profile; None for an unknown key."""
        found: list[str | None] = self._redis.mget([f"key:{key}" for key in key_fingerprints])
        return found

    def user_profiles(self, account_ref_id: str) -> list[Profile]:
        """Return an account's user profiles, the oldest first."""
        ref_ids = list(self._redis.smembers(f"profiles:{account_ref_id}"))
        with self._redis.pipeline(transaction=False) as pipeline:
            for ref_id in ref_ids:
                pipeline.hgetall(f"profile:{ref_id}")
            stored = pipeline.execute()
        profiles = [_profile(*found) for found in zip(ref_ids, stored, strict=True) if found[1]]
        return sorted(profiles, key=lambda profile: (profile.created, profile.ref_id))


@lru_cache(100)  # each claim has one, and few differ
def read_subscription(plan: str | None, add_ons: str | None) -> Subscription:
    """Return the subscription from an account's fields in Redis; both are missing if there is no account."""
    return Subscription(plan or "", tuple(json.loads(add_ons or "[]")))


@cache
def needs_values(action: str, platform: str | None = None) -> tuple[str, str]:
    """Return needs as a script compares them with an account: plans as JSON, and an add-on or ''."""
    needs = needs_of(action, platform)
    return json.dumps(needs.plans), needs.add_on or ""


def _account_fields(account: Account) -> Mapping[str, str | int]:
    whole = AccountChange(account.email, account.alt_emails, account.plan, account.add_ons)
    return {**_changeable_fields(whole), "created": milliseconds(account.created)}


def _changeable_fields(change: AccountChange) -> Mapping[str, str]:
    fields = {
        "email": change.email,
        "altEmails": None if change.alt_emails is None else json.dumps(change.alt_emails),
        "plan": change.plan,
        "addOns": None if change.add_ons is None else json.dumps(change.add_ons),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _account(ref_id: str, title: str, stored: Mapping[str, str]) -> Account:
    return Account(
        ref_id=ref_id,
        title=title,
        email=stored["email"],
        alt_emails=tuple(json.loads(stored["altEmails"])),
        plan=stored["plan"],
        add_ons=tuple(json.loads(stored["addOns"])),
        created=moment(stored["created"]),
    )


def _profile_fields(profile: Profile, key_fingerprint: str) -> Mapping[str, str | int]:
    return {
        "account": profile.account_ref_id,
        "title": profile.title,
        "created": milliseconds(profile.created),
        "key": key_fingerprint,
    }


def _profile(ref_id: str, stored: Mapping[str, str]) -> Profile:
    return Profile(ref_id, stored["account"], stored["title"], moment(stored["created"]))
