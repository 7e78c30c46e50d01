"""The catalogue of actions.

A new action needs a module here, an entry below, a rule in `webhooks.accounts.plans`, and a sample of its events
in `samples/`; tests, the demo, the API's docs and test events use the samples.
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
