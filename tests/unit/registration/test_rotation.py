"""Rotation: the secret before a new one signs beside it for 24 h, judged at each attempt (contract section 5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from standardwebhooks import Webhook as Standard

from doubles import OK, REFUSED, KnownNames
from unit.conftest import Scene
from webhooks.accounts.account import Profile
from webhooks.http.call import Call
from webhooks.registration.register import Registration
from webhooks.registration.url_policy import UrlPolicy
from webhooks.store.connection import moment
from webhooks.store.webhooks import RedisWebhooks
from webhooks_local.receiver import Call as Received
from webhooks_local.receiver import verify

URL = "https://hooks.example/"
FIRST, SECOND, THIRD = (
    "the first secret",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "the third secret, ünicode too",
)
DAY = 24 * 3600


class Rotating:
    """A profile whose secret is rotated, and receivers that know one secret each."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.profile = Profile(scene.profile, scene.profile, "Acme", moment(scene.store.clock()))
        self.registration = self.registering_on(scene.store.webhooks)

    def registering_on(self, webhooks: RedisWebhooks) -> Registration:
        """Return the use case on these webhooks."""
        return Registration(webhooks, self.scene.store.accounts, self.scene.box, UrlPolicy(KnownNames()))

    def to(self, secret: str) -> None:
        """Rotate to this secret."""
        self.registration.set_secret(self.profile, secret)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.scene.store.clock.advance(seconds)

    def accepted_by(self) -> set[str]:
        """Make a call; returns the secrets of the receivers that take it for genuine."""
        (hook_id,) = self.scene.owed(1)
        self.scene.attempt(hook_id, OK)
        return accepted_by(self.scene.calls.sent[-1])


@pytest.fixture
def rotating(scene: Scene) -> Rotating:
    rotating = Rotating(scene)
    rotating.to(FIRST)
    return rotating


def accepted_by(call: Call) -> set[str]:
    """Return the secrets of the receivers that take a call for genuine; those of both schemes agree."""
    received = Received("/", "POST", list(call.headers.items()), call.body, received=0)
    by_hmac = {secret for secret in (FIRST, SECOND, THIRD) if verify(received, secret)}
    by_standard = {secret for secret in (FIRST, SECOND, THIRD) if is_standard(call, secret)}
    assert by_hmac == by_standard
    return by_hmac


def is_standard(call: Call, secret: str) -> bool:
    """Report whether the `standardwebhooks` package would take a call for genuine, but for its age."""
    package = Standard(secret if secret.startswith("whsec_") else secret.encode())
    timestamp = moment(int(call.headers["webhook-timestamp"]) * 1000)
    expected = package.sign(call.headers["webhook-id"], timestamp, call.body.decode())
    return expected in call.headers["webhook-signature"].split(" ")


OLD, BOTH, NEW = {FIRST}, {FIRST, SECOND}, {SECOND}


@pytest.mark.parametrize(
    ("waits", "accepted"),
    [
        # Seconds until the next attempt; None where the secret is rotated.
        ((None, 0, 5, 30), (BOTH, BOTH, BOTH)),
        ((0, None, 5, 30), (OLD, BOTH, BOTH)),
        ((0, 5, None, 30), (OLD, OLD, BOTH)),
        ((0, 5, 30, None), (OLD, OLD, OLD)),
        # A chain that is held up until the grace is over, or nearly.
        ((None, DAY - 0.001, 5, 30), (BOTH, NEW, NEW)),
        ((None, DAY, 5, 30), (NEW, NEW, NEW)),
        ((None, 0, DAY - 0.001, 30), (BOTH, BOTH, NEW)),
        ((None, 0, DAY, 30), (BOTH, NEW, NEW)),
        ((0, None, DAY - 0.001, 30), (OLD, BOTH, NEW)),
        ((0, None, DAY, 30), (OLD, NEW, NEW)),
        ((0, None, 5, DAY), (OLD, BOTH, NEW)),
        ((0, 5, None, DAY - 0.001), (OLD, OLD, BOTH)),
        ((0, 5, None, DAY), (OLD, OLD, NEW)),
    ],
)
def test_each_attempt_is_signed_by_the_secrets_that_count_when_it_is_made(
    rotating: Rotating, waits: tuple[float | None, ...], accepted: tuple[set[str], ...]
) -> None:
    """So a receiver can change over at any moment of the 24 h: it verifies with either secret."""
    scene = rotating.scene
    (hook_id,) = scene.owed(1)
    for wait in waits:
        if wait is None:
            rotating.to(SECOND)
        else:
            rotating.wait(wait)
            scene.attempt(hook_id, REFUSED)
    assert tuple(accepted_by(call) for call in scene.calls.sent) == accepted


def test_the_new_secret_comes_first_and_alone_where_there_is_capacity_for_one(rotating: Rotating) -> None:
    before = rotating.accepted_by()
    rotating.to(SECOND)
    rotating.accepted_by()
    headers = rotating.scene.calls.sent[-1].headers
    new, old = headers["X-Authorization-Content-SHA256-V2"].split(",")
    assert (before, new) == ({FIRST}, f"v1={headers['X-Authorization-Content-SHA256']}")
    assert old.startswith("v1=")
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_of_three_the_newest_two_sign(rotating: Rotating) -> None:
    """The second for 24 h from when it was replaced; the first no more."""
    rotating.to(SECOND)
    rotating.wait(DAY - 1)
    rotating.to(THIRD)
    assert rotating.accepted_by() == {SECOND, THIRD}
    rotating.wait(DAY - 0.001)
    assert rotating.accepted_by() == {SECOND, THIRD}
    rotating.wait(0.001)
    assert rotating.accepted_by() == {THIRD}


def test_the_one_before_may_come_back(rotating: Rotating) -> None:
    """For a caller that has rotated by mistake."""
    rotating.to(SECOND)
    rotating.to(FIRST)
    assert rotating.accepted_by() == {FIRST, SECOND}
    rotating.wait(DAY)
    assert rotating.accepted_by() == {FIRST}


def test_setting_the_current_one_again_changes_nothing(rotating: Rotating) -> None:
    """A caller that did not get the answer asks again: the one before is not lost, nor does it sign for longer."""
    rotating.to(SECOND)
    rotating.wait(DAY - 1)
    rotating.to(SECOND)
    assert rotating.accepted_by() == {FIRST, SECOND}
    rotating.wait(1)
    assert rotating.accepted_by() == {SECOND}


def test_a_secret_that_comes_with_a_webhook_is_rotated_too(rotating: Rotating) -> None:
    rotating.registration.register(rotating.profile, "social", URL, SECOND)
    rotating.registration.register(rotating.profile, "feed", URL, SECOND)
    rotating.registration.register(rotating.profile, "batch", URL)
    assert rotating.accepted_by() == {FIRST, SECOND}
    rotating.wait(DAY)
    assert rotating.accepted_by() == {SECOND}


def test_the_grace_can_be_ended_at_once(rotating: Rotating) -> None:
    """The one before has leaked. It may be asked for again, and by a caller that has rotated nothing."""
    rotating.registration.end_rotation_window(rotating.profile)
    assert rotating.accepted_by() == {FIRST}
    rotating.to(SECOND)
    for _ in range(2):
        rotating.registration.end_rotation_window(rotating.profile)
        assert rotating.accepted_by() == {SECOND}
    rotating.to(THIRD)
    assert rotating.accepted_by() == {SECOND, THIRD}


def test_the_grace_of_a_profile_is_its_own(rotating: Rotating) -> None:
    """Calls to the primary's webhook are signed by the primary's secrets, a caller that the event is about."""
    store = rotating.scene.store
    shop = store.accounts.profile(store.profile(rotating.profile.ref_id))
    assert shop is not None
    rotating.registration.set_secret(shop, THIRD)
    rotating.to(SECOND)
    rotating.registration.end_rotation_window(shop)
    rotating.scene.attempt(store.owed(shop.ref_id), OK)
    assert accepted_by(rotating.scene.calls.sent[-1]) == {FIRST, SECOND}


def test_an_old_secret_that_cannot_be_read_does_not_keep_the_new_one_from_signing(rotating: Rotating) -> None:
    rotating.to(SECOND)
    rotating.scene.store.redis.set(f"oldSecret:{rotating.profile.ref_id}", "damaged", keepttl=True)
    assert rotating.accepted_by() == {SECOND}


@pytest.mark.parametrize("damaged", ["damaged", b"\xff\xfe"])
def test_a_secret_that_cannot_be_read_is_replaced_without_a_grace(
    rotating: Rotating, damaged: str | bytes
) -> None:
    """It could not sign; and what was before it is not among the newest two."""
    rotating.to(SECOND)
    rotating.scene.store.redis.hset(f"profile:{rotating.profile.ref_id}", "secret", damaged)
    rotating.to(THIRD)
    assert rotating.accepted_by() == {THIRD}


class RotatedMeanwhile(RedisWebhooks):
    """Webhooks of a profile whose secret another caller replaces just after it was read."""

    def __init__(self, rotating: Rotating, meanwhile: Callable[[], object]) -> None:
        super().__init__(rotating.scene.store.redis, rotating.scene.store.clock)
        self._meanwhile = [meanwhile]

    def current_secret(self, ref_id: str) -> str | None:
        """Read it, and the first time let it be replaced."""
        current = super().current_secret(ref_id)
        if self._meanwhile:
            self._meanwhile.pop()()
        return current


def test_of_two_that_are_set_at_the_same_time_both_sign(rotating: Rotating) -> None:
    """One came last, and the other before it; neither is lost."""
    webhooks = RotatedMeanwhile(rotating, lambda: rotating.to(SECOND))
    rotating.registering_on(webhooks).set_secret(rotating.profile, THIRD)
    assert rotating.accepted_by() == {SECOND, THIRD}


def test_one_that_is_set_twice_at_the_same_time_is_set_once(rotating: Rotating) -> None:
    webhooks = RotatedMeanwhile(rotating, lambda: rotating.to(SECOND))
    rotating.registering_on(webhooks).register(rotating.profile, "feed", URL, SECOND)
    assert rotating.accepted_by() == {FIRST, SECOND}
    assert {webhook.action for webhook in webhooks.all_of(rotating.profile.ref_id)} == {"social", "feed"}
