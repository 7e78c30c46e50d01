"""The catalogue of actions: one more action is one more module here and one more entry below.

It needs a row in `webhooks.accounts.plans` too, and a sample.

Samples of every action's events stand in `samples/`; tests, the demo, the API's docs and test events use them.
"""

from __future__ import annotations

from collections.abc import Mapping

from webhooks.actions.action import Action
from webhooks.actions.batch import BATCH
from webhooks.actions.feed import FEED
from webhooks.actions.messages import MESSAGES
from webhooks.actions.scheduled import SCHEDULED
from webhooks.actions.social import SOCIAL

CATALOGUE: Mapping[str, Action] = {action.name: action for action in (SCHEDULED, SOCIAL, MESSAGES, BATCH, FEED)}
