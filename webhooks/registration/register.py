"""Registering webhooks, and setting the secret that signs them, as far as the account's plan goes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from webhooks.accounts.account import Profile
from webhooks.accounts.plans import WEBHOOK, Accounts, Needs, needs_of
from webhooks.clock import Now, utc_now
from webhooks.errors import InvalidInput, UnknownWebhook
from webhooks.http.call import Failure
from webhooks.http.destinations import ForbiddenDestination, Network, is_address, is_local, may_call, read_url
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import Rotation, SecretBox
from webhooks.signing.signatures import mac_key

#: Seconds that looking up the name in a URL may take.
LOOK_UP_TIMEOUT = 2.0
#: Look-ups at a time. Each may hold a thread of the API as long as that; the others are for the other callers.
MAX_LOOK_UPS = 16


class Names(Protocol):
    """Where names are looked up."""

    def addresses(self, host: str, patience: float) -> Sequence[str]:
        """Return all addresses of a name; none if it has none, or nobody can tell within `patience` seconds.

        Raises OutOfResources when it cannot be looked up by our own fault.
        """


class Webhooks(Protocol):
    """Where webhooks and sealed secrets are kept."""

    def put(self, ref_id: str, webhook: Webhook | None, rotation: Rotation | None) -> bool:
        """Register a webhook, in place of an earlier one, and rotate the secret, as far as they are given.

        It returns False, and nothing has changed, when another secret is the current one by now; and raises
        UnknownProfile.
        """

    def remove(self, ref_id: str, action: str) -> bool:
        """Remove a webhook; False when there was none."""

    def all_of(self, ref_id: str) -> list[Webhook]:
        """Return a profile's webhooks."""

    def current_secret(self, ref_id: str) -> str | None:
        """Return a profile's signing secret, sealed; None when there is none."""

    def end_rotation_window(self, ref_id: str) -> None:
        """Forget the signing secret before the current one."""


class Registration:
    """What a customer does with the webhooks of one profile.

    Args:
        allowed_networks: networks that may be called although they are not public.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        accounts: Accounts,
        box: SecretBox,
        names: Names,
        allowed_networks: Sequence[Network] = (),
        *,
        now: Now = utc_now,
    ) -> None:
        self._webhooks = webhooks
        self._accounts = accounts
        self._box = box
        self._names = names
        self._allowed_networks = allowed_networks
        self._now = now
        self._look_ups = threading.Semaphore(MAX_LOOK_UPS)

    def register(
        self, profile: Profile, action: str, url: str, secret: str | None = None, source: str | None = None
    ) -> Webhook:
        """Register `url` for an action of the profile, in place of an earlier one.

        What is stored, and returned, is the URL as it was understood: an international name as A-labels.

        Args:
            secret: sets the profile's signing secret, as `set_secret` does; None leaves it as it is.
            source: the customer's own note.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the action needs.
            InvalidInput: the URL or the secret cannot be used, or the URL leads where no call may go; nothing has
                changed.
            OutOfResources: where the URL leads cannot be looked up, by our own fault; nothing has changed.
            UnknownProfile: the profile was removed meanwhile.
        """
        self._check_entitlement(profile, needs_of(action))
        url = self.judge(url)
        webhook = Webhook(action, url, self._now(), source)
        self._put(profile, webhook, secret)
        return webhook

    def judge(self, url: str) -> str:
        """Return a URL as it is understood and stored.

        Raises:
            InvalidInput: it cannot be used, or leads where no call may go.
            OutOfResources: where it leads cannot be looked up, by our own fault.
        """
        try:
            destination = read_url(url)
        except ForbiddenDestination as error:
            raise InvalidInput({"url": [str(error)]}) from None
        if not self._may_be_called(destination.host):
            raise InvalidInput({"url": [Failure.BLOCKED.value]})
        return destination.url

    def unregister(self, profile: Profile, action: str) -> None:
        """Remove the profile's webhook for an action; deliveries on their way to it end as canceled.

        Raises:
            UnknownWebhook: there is none.
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
            InvalidInput: the secret cannot be used.
            UnknownProfile: the profile was removed meanwhile.
        """
        self._check_entitlement(profile, WEBHOOK)
        self._put(profile, None, secret)

    def end_rotation_window(self, profile: Profile) -> None:
        """Let nothing but the profile's current secret sign from now on: the one before it may have leaked."""
        self._webhooks.end_rotation_window(profile.ref_id)

    def _check_entitlement(self, profile: Profile, needs: Needs) -> None:
        needs.check(self._accounts.subscription(profile.account_ref_id))

    def _put(self, profile: Profile, webhook: Webhook | None, secret: str | None) -> None:
        """Store both, or nothing; once more if somebody else has set another secret meanwhile."""
        ref_id = profile.ref_id
        if secret is None:
            self._webhooks.put(ref_id, webhook, None)
            return
        _check_secret(secret)
        while True:
            rotation = self._box.rotate(ref_id, self._webhooks.current_secret(ref_id), secret)
            if self._webhooks.put(ref_id, webhook, rotation):
                return

    def _may_be_called(self, host: str) -> bool:
        """Judge the addresses of a host; a name of which nobody can tell any yet is judged when it is called.

        Which address or range was at fault is told to nobody: the answer would map a network from outside.
        """
        addresses = [host] if is_address(host) else self._look_up(host)
        if not addresses and not is_local(host):
            return True
        return may_call(host, addresses, self._allowed_networks)

    def _look_up(self, host: str) -> Sequence[str]:
        """Return the addresses of a name; none as well while too many other names are looked up."""
        if not self._look_ups.acquire(blocking=False):
            return ()
        try:
            return self._names.addresses(host, LOOK_UP_TIMEOUT)
        finally:
            self._look_ups.release()


def _check_secret(secret: str) -> None:
    try:
        mac_key(secret)
    except ValueError as error:
        raise InvalidInput({"secret": [str(error)]}) from None
