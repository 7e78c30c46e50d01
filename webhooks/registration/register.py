"""Registering webhooks and setting their signing secret, within the account's plan."""

from __future__ import annotations

from typing import Protocol

from webhooks.accounts.account import Profile
from webhooks.accounts.plans import WEBHOOK, AccountPlans, Needs, needs_of
from webhooks.clock import Now, utc_now
from webhooks.errors import InvalidInput, UnknownWebhook
from webhooks.registration.url_policy import UrlPolicy
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import Rotation, SecretBox
from webhooks.signing.signatures import mac_key


class Webhooks(Protocol):
    """Where webhooks and sealed secrets are kept."""

    def put(self, ref_id: str, webhook: Webhook | None, rotation: Rotation | None) -> bool:
        """Register a webhook, replacing an earlier one, and rotate the secret; each unless it is None.

        It returns False and changes nothing if `rotation.before` is no longer the current secret. It raises
        UnknownProfile.
        """

    def remove(self, ref_id: str, action: str) -> bool:
        """Remove a webhook; False if there was none."""

    def all_of(self, ref_id: str) -> list[Webhook]:
        """Return a profile's webhooks."""

    def current_secret(self, ref_id: str) -> str | None:
        """Return a profile's signing secret, sealed; None if there is none."""

    def end_rotation_window(self, ref_id: str) -> None:
        """Delete the previous signing secret, so that only the current one signs."""


class Registration:
    """Registers the webhooks of profiles, and sets their signing secrets."""

    def __init__(
        self, webhooks: Webhooks, accounts: AccountPlans, box: SecretBox, policy: UrlPolicy, *, now: Now = utc_now
    ) -> None:
        self._webhooks = webhooks
        self._accounts = accounts
        self._box = box
        self._policy = policy
        self._now = now

    def register(
        self, profile: Profile, action: str, url: str, secret: str | None = None, source: str | None = None
    ) -> Webhook:
        """Register a URL for an action of the profile; it replaces an earlier one.

        Args:
            secret: sets the profile's signing secret, as `set_secret` does; None leaves it as it is.
            source: the customer's own note.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the action needs.
            InvalidInput: the URL or the secret is malformed, or the URL leads to a forbidden destination; nothing
                has changed.
            OutOfResources: this machine lacks the resources to look up the URL's host; nothing has changed.
            UnknownProfile: the profile has been removed.
        """
        self._check_entitlement(profile, needs_of(action))
        webhook = Webhook(action, self._policy.check(url), self._now(), source)
        self._put(profile, webhook, secret)
        return webhook

    def unregister(self, profile: Profile, action: str) -> None:
        """Remove the profile's webhook for an action; deliveries that are owed to it end as canceled.

        Raises:
            UnknownWebhook: there is no webhook for this action.
        """
        if not self._webhooks.remove(profile.ref_id, action):
            raise UnknownWebhook

    def webhooks_of(self, profile: Profile) -> list[Webhook]:
        """Return the profile's webhooks."""
        return self._webhooks.all_of(profile.ref_id)

    def set_secret(self, profile: Profile, secret: str) -> None:
        """Set the secret that signs all of the profile's webhooks from now on.

        The previous secret signs too for `webhooks.signing.secret_box.ROTATION_WINDOW`, so that receivers can
        change over; older ones do not. Setting the current secret again changes nothing.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            InvalidInput: the secret is malformed.
            UnknownProfile: the profile has been removed.
        """
        self._check_entitlement(profile, WEBHOOK)
        self._put(profile, None, secret)

    def end_rotation_window(self, profile: Profile) -> None:
        """Sign only with the profile's current secret from now on; for a previous secret that has leaked."""
        self._webhooks.end_rotation_window(profile.ref_id)

    def _check_entitlement(self, profile: Profile, needs: Needs) -> None:
        needs.check(self._accounts.subscription(profile.account_ref_id))

    def _put(self, profile: Profile, webhook: Webhook | None, secret: str | None) -> None:
        """Store both or neither; try again if a concurrent caller has set another secret."""
        ref_id = profile.ref_id
        if secret is None:
            self._webhooks.put(ref_id, webhook, None)
            return
        _check_secret(secret)
        while True:
            rotation = self._box.rotate(ref_id, self._webhooks.current_secret(ref_id), secret)
            if self._webhooks.put(ref_id, webhook, rotation):
                return


def _check_secret(secret: str) -> None:
    try:
        mac_key(secret)
    except ValueError as error:
        raise InvalidInput({"secret": [str(error)]}) from None
