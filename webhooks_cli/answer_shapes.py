"""The parts of the API's answers that commands rely on. Other answers come from another service or version."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Success(TypedDict):
    """Every answer except the history."""

    status: Literal["success"]


class WithApiKey(Success):
    """An answer with the new key of an account."""

    apiKey: str


class WithRefId(Success):
    """An answer that names its profile."""

    refId: str


class _Profile(TypedDict):
    refId: str
    title: str


class Profiles(Success):
    """The user profiles of an account."""

    profiles: list[_Profile]


class Feeds(Success):
    """The feeds of a profile."""

    feeds: list[dict[str, Any]]


class _Delivery(TypedDict):
    hookId: str
    action: str
    refId: str
    state: str
    created: str
    attempts: int
    lastStatus: int | None
    lastError: str | None
    lastAttempt: str | None


class Deliveries(Success):
    """A page of the delivery log."""

    deliveries: list[_Delivery]
    cursor: str | None


class _Attempt(TypedDict):
    attempt: int
    phases: NotRequired[dict[str, Any] | None]
    body: NotRequired[str | None]


class Delivery(Success):
    """A delivery with its attempts."""

    attempts: list[_Attempt]


class Resent(Success):
    """A delivery that is sent again."""

    hookId: str
    state: str


class Recovery(Success):
    """The progress of a recovery."""

    id: str
    state: str
    percent: int
    failed: int


class _Payload(TypedDict):
    timeStamp: int
    hookId: str
    retry: bool


History = dict[str, list[_Payload]]
"""Delivered payloads by action."""
