"""The client with which a producer sends events to Ringback.

Start with `Client`. The errors are in `webhooks_client.errors`.
"""

from webhooks_client.client import Client
from webhooks_client.errors import ClientError, Rejected, Unauthorized, Unavailable, UnexpectedAnswer
from webhooks_client.receipts import Receipt, Rejection

__all__ = [
    "Client",
    "ClientError",
    "Receipt",
    "Rejected",
    "Rejection",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
]
