"""Rotation: for 24 h the previous secret signs too, decided at each attempt (contract section 5)."""

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


class RotationScene:
    """A profile whose secret is rotated, and receivers that know one secret each."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.profile = Profile(scene.profile, scene.profile, "Acme", moment(scene.store.clock()))
        self.registration = self.registration_on(scene.store.webhooks)

    def registration_on(self, webhooks: RedisWebhooks) -> Registration:
        """Return a registration that stores to these webhooks."""
        return Registration(webhooks, self.scene.store.accounts, self.scene.box, UrlPolicy(KnownNames()))

    def rotate_to(self, secret: str) -> None:
        """Make this the current secret."""
        self.registration.set_secret(self.profile, secret)

    def advance(self, seconds: float) -> None:
        """Advance the clock by so many seconds."""
        self.scene.store.clock.advance(seconds)

    def accepted_by(self) -> set[str]:
        """Make a call; returns the secrets of the receivers that can verify it."""
        (hook_id,) = self.scene.owed(1)
        self.scene.attempt(hook_id, OK)
        return accepted_by(self.scene.calls.sent[-1])


@pytest.fixture
def rotation(scene: Scene) -> RotationScene:
    rotation = RotationScene(scene)
    rotation.rotate_to(FIRST)
    return rotation


def accepted_by(call: Call) -> set[str]:
    """Return the secrets of the receivers that can verify a call; both schemes must agree."""
    received = Received("/", "POST", list(call.headers.items()), call.body, received=0)
    by_hmac = {secret for secret in (FIRST, SECOND, THIRD) if verify(received, secret)}
    by_standard = {secret for secret in (FIRST, SECOND, THIRD) if is_standard(call, secret)}
    assert by_hmac == by_standard
    return by_hmac


def is_standard(call: Call, secret: str) -> bool:
    """Report whether the `standardwebhooks` package would verify a call, apart from its age."""
    package = Standard(secret if secret.startswith("whsec_") else secret.encode())
    timestamp = moment(int(call.headers["webhook-timestamp"]) * 1000)
    expected = package.sign(call.headers["webhook-id"], timestamp, call.body.decode())
    return expected in call.headers["webhook-signature"].split(" ")


OLD, BOTH, NEW = {FIRST}, {FIRST, SECOND}, {SECOND}


@pytest.mark.parametrize(
    ("waits", "accepted"),
    [
        # Seconds until the next attempt; None for a rotation of the secret.
        ((None, 0, 5, 30), (BOTH, BOTH, BOTH)),
        ((0, None, 5, 30), (OLD, BOTH, BOTH)),
        ((0, 5, None, 30), (OLD, OLD, BOTH)),
        ((0, 5, 30, None), (OLD, OLD, OLD)),
        # Attempts that are delayed until the end of the rotation window, or shortly before.
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
def test_each_attempt_is_signed_by_the_secrets_that_are_live_at_its_time(
    rotation: RotationScene, waits: tuple[float | None, ...], accepted: tuple[set[str], ...]
) -> None:
    """So a receiver can switch at any time in the 24 h: it can verify with either secret."""
    scene = rotation.scene
    (hook_id,) = scene.owed(1)
    for seconds in waits:
        if seconds is None:
            rotation.rotate_to(SECOND)
        else:
            rotation.advance(seconds)
            scene.attempt(hook_id, REFUSED)
    assert tuple(accepted_by(call) for call in scene.calls.sent) == accepted


def test_the_new_secret_comes_first_and_is_alone_in_the_header_for_one_signature(rotation: RotationScene) -> None:
    before = rotation.accepted_by()
    rotation.rotate_to(SECOND)
    rotation.accepted_by()
    headers = rotation.scene.calls.sent[-1].headers
    new, old = headers["X-Authorization-Content-SHA256-V2"].split(",")
    assert (before, new) == ({FIRST}, f"v1={headers['X-Authorization-Content-SHA256']}")
    assert old.startswith("v1=")
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_of_three_secrets_the_newest_two_sign(rotation: RotationScene) -> None:
    """The second signs for 24 h after its replacement; the first signs no longer."""
    rotation.rotate_to(SECOND)
    rotation.advance(DAY - 1)
    rotation.rotate_to(THIRD)
    assert rotation.accepted_by() == {SECOND, THIRD}
    rotation.advance(DAY - 0.001)
    assert rotation.accepted_by() == {SECOND, THIRD}
    rotation.advance(0.001)
    assert rotation.accepted_by() == {THIRD}


def test_a_rotation_can_be_reversed(rotation: RotationScene) -> None:
    """For customers who have rotated by mistake."""
    rotation.rotate_to(SECOND)
    rotation.rotate_to(FIRST)
    assert rotation.accepted_by() == {FIRST, SECOND}
    rotation.advance(DAY)
    assert rotation.accepted_by() == {FIRST}


def test_setting_the_current_secret_again_changes_nothing(rotation: RotationScene) -> None:
    """A caller that missed the answer may repeat the call: the previous secret signs for as long as before."""
    rotation.rotate_to(SECOND)
    rotation.advance(DAY - 1)
    rotation.rotate_to(SECOND)
    assert rotation.accepted_by() == {FIRST, SECOND}
    rotation.advance(1)
    assert rotation.accepted_by() == {SECOND}


def test_a_secret_given_with_a_webhook_is_rotated_too(rotation: RotationScene) -> None:
    rotation.registration.register(rotation.profile, "social", URL, SECOND)
    rotation.registration.register(rotation.profile, "feed", URL, SECOND)
    rotation.registration.register(rotation.profile, "batch", URL)
    assert rotation.accepted_by() == {FIRST, SECOND}
    rotation.advance(DAY)
    assert rotation.accepted_by() == {SECOND}


def test_the_rotation_window_can_be_ended_at_once(rotation: RotationScene) -> None:
    """For a previous secret that has leaked. Ending a window that is over, or never began, is not an error."""
    rotation.registration.end_rotation_window(rotation.profile)
    assert rotation.accepted_by() == {FIRST}
    rotation.rotate_to(SECOND)
    for _ in range(2):
        rotation.registration.end_rotation_window(rotation.profile)
        assert rotation.accepted_by() == {SECOND}
    rotation.rotate_to(THIRD)
    assert rotation.accepted_by() == {SECOND, THIRD}


def test_each_profile_has_its_own_rotation_window(rotation: RotationScene) -> None:
    """Calls to the primary profile's webhook are signed with its secrets, also for events of other profiles."""
    store = rotation.scene.store
    shop = store.accounts.profile(store.profile(rotation.profile.ref_id))
    assert shop is not None
    rotation.registration.set_secret(shop, THIRD)
    rotation.rotate_to(SECOND)
    rotation.registration.end_rotation_window(shop)
    rotation.scene.attempt(store.owed(shop.ref_id), OK)
    assert accepted_by(rotation.scene.calls.sent[-1]) == {FIRST, SECOND}


def test_an_unreadable_previous_secret_does_not_stop_the_current_one_from_signing(rotation: RotationScene) -> None:
    rotation.rotate_to(SECOND)
    rotation.scene.store.redis.set(f"oldSecret:{rotation.profile.ref_id}", "damaged", keepttl=True)
    assert rotation.accepted_by() == {SECOND}


@pytest.mark.parametrize("damaged", ["damaged", b"\xff\xfe"])
def test_an_unreadable_secret_is_replaced_without_a_rotation_window(
    rotation: RotationScene, damaged: str | bytes
) -> None:
    """It could not sign, and the secret before it is not one of the newest two."""
    rotation.rotate_to(SECOND)
    rotation.scene.store.redis.hset(f"profile:{rotation.profile.ref_id}", "secret", damaged)
    rotation.rotate_to(THIRD)
    assert rotation.accepted_by() == {THIRD}


class ConcurrentRotation(RedisWebhooks):
    """Webhooks of a profile whose secret a concurrent caller replaces just after it was read."""

    def __init__(self, rotation: RotationScene, rotate: Callable[[], object]) -> None:
        super().__init__(rotation.scene.store.redis, rotation.scene.store.clock)
        self._rotations = [rotate]

    def current_secret(self, ref_id: str) -> str | None:
        """Read the secret, and replace it after the first read."""
        current = super().current_secret(ref_id)
        if self._rotations:
            self._rotations.pop()()
        return current


def test_two_secrets_that_are_set_concurrently_both_sign(rotation: RotationScene) -> None:
    """The later one is current and the other is the previous one; neither is lost."""
    webhooks = ConcurrentRotation(rotation, lambda: rotation.rotate_to(SECOND))
    rotation.registration_on(webhooks).set_secret(rotation.profile, THIRD)
    assert rotation.accepted_by() == {SECOND, THIRD}


def test_a_secret_that_is_set_twice_concurrently_is_rotated_once(rotation: RotationScene) -> None:
    webhooks = ConcurrentRotation(rotation, lambda: rotation.rotate_to(SECOND))
    rotation.registration_on(webhooks).register(rotation.profile, "feed", URL, SECOND)
    assert rotation.accepted_by() == {FIRST, SECOND}
    assert {webhook.action for webhook in webhooks.all_of(rotation.profile.ref_id)} == {"social", "feed"}
