"""Sample events: a customer sends one to a webhook to test that it arrives."""

from __future__ import annotations

from webhooks.accounts.account import Profile
from webhooks.accounts.plans import AccountPlans, needs_of
from webhooks.actions.samples import OF_ACTION, sample
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.new_delivery import Receipt
from webhooks.errors import RingbackError, UnknownWebhook

#: The producer of sample events; no other producer has this name.
TESTER = ""


class SampleEvents:
    """Sends events as a producer would, marked as tests."""

    def __init__(self, intake: EventIntake, accounts: AccountPlans) -> None:
        self._intake = intake
        self._accounts = accounts

    def send(self, profile: Profile, action: str) -> Receipt:
        """Send the sample event of an action to the webhook of this profile.

        Raises:
            PlanRequired: the account's plan does not include webhooks.
            AddOnRequired: the account lacks the add-on that the action needs.
            UnknownWebhook: there is no webhook for the action.
            UnknownProfile: the profile has been removed.
        """
        event = {**sample(OF_ACTION[action]), "refId": profile.ref_id, "test": True}
        (receipt,) = self._intake.accept([event], TESTER)
        if isinstance(receipt, RingbackError):
            raise receipt
        if receipt.hook_id is None:
            needs_of(action).check(self._accounts.subscription(profile.account_ref_id))
            raise UnknownWebhook
        return receipt
