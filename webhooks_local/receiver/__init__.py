"""A webhook receiver on this machine, over HTTPS, that can misbehave on request."""

from webhooks_local.receiver.calls import Call, verify
from webhooks_local.receiver.receiver import Receiver, open_on_this_machine

__all__ = ["Call", "Receiver", "open_on_this_machine", "verify"]
