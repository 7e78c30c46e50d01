"""Trying: a customer has a sample event sent to a webhook, to see whether it arrives."""

from __future__ import annotations

from webhooks.accounts.account import Profile
from webhooks.accounts.plans import Accounts, needs_of
from webhooks.actions.samples import OF_ACTION, sample
from webhooks.deliveries.accept import EventIntake, EventResult
from webhooks.errors import RingbackError, UnknownWebhook

#: Who sends test events; no producer is called so.
TESTER = ""


class SampleEvents:
    """Sends events as a producer would, marked as tests."""

    def __init__(self, publishing: EventIntake, accounts: Accounts) -> None:
        self._publishing = publishing
        self._accounts = accounts

    def send(self, profile: Profile, action: str) -> EventResult:
        """Have the sample event of an action delivered as one about this profile.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the action needs.
            UnknownWebhook: nobody has a webhook for it.
            UnknownProfile: the profile was removed meanwhile.
        """
        event = {**sample(OF_ACTION[action]), "refId": profile.ref_id, "test": True}
        (published,) = self._publishing.publish([event], TESTER)
        if isinstance(published, RingbackError):
            raise published
        if published.hook_id is None:
            needs_of(action).check(self._accounts.subscription(profile.account_ref_id))
            raise UnknownWebhook
        return published
