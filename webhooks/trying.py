"""Trying: a customer has a sample event sent to a webhook, to see whether it arrives."""

from __future__ import annotations

from webhooks.actions.samples import OF_ACTION, sample
from webhooks.errors import RingbackError, UnknownWebhook
from webhooks.publishing import Published, Publishing

#: Who sends test events; no producer is called so.
TESTER = ""


class Trying:
    """Sends events as a producer would, marked as tests."""

    def __init__(self, publishing: Publishing) -> None:
        self._publishing = publishing

    def send(self, ref_id: str, action: str) -> Published:
        """Have the sample event of an action delivered as one about this profile.

        Raises:
            UnknownWebhook: nobody has a webhook for it.
            UnknownProfile: the profile was removed meanwhile.
        """
        event = {**sample(OF_ACTION[action]), "refId": ref_id, "test": True}
        (published,) = self._publishing.publish([event], TESTER)
        if isinstance(published, RingbackError):
            raise published
        if published.hook_id is None:
            raise UnknownWebhook
        return published
