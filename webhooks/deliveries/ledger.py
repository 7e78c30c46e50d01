"""The ledger, as a port: it knows which deliveries are owed. The store implements it.

A delivery that is owed an attempt has a due time, and no attempt begins before it. A claim moves the due time to
the end of a lease, so that no other worker can claim the delivery meanwhile. If the worker dies, the lease runs
out and the delivery is due again. Each owed delivery also has a wake-up time, at which the sweep publishes its id
again if nothing has happened by then. All times come from one clock, the ledger's own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from webhooks.deliveries.claim import Claim, Claimed, Deferral, Entry, Recorded
from webhooks.deliveries.new_delivery import NewDelivery, Receipt
from webhooks.deliveries.wakeup import WakeUp


class Ledger(Protocol):
    """Where owed deliveries are kept. Each call is one atomic step for all of its arguments."""

    def accept(self, deliveries: Sequence[NewDelivery]) -> list[Receipt]:
        """Store the new deliveries that have a webhook and whose account's plan includes it."""

    def claim(self, hook_ids: Sequence[str], lease: float, token: str) -> Claimed:
        """Claim the deliveries that are due, for `lease` seconds.

        The call may be repeated with the same `token`: if an answer was lost, the same claims are returned.
        """

    def record(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Record attempts that have ended, unless the claim had outlived its lease.

        The call may be repeated if an answer was lost: the same answer is returned.
        """

    def release(self, claims: Sequence[Claim]) -> list[str]:
        """Give back claims whose attempts cannot be completed; returns the hookIds that are due now."""

    def defer(self, deferrals: Sequence[Deferral]) -> None:
        """Give back claims whose attempts have not begun. Each waits in a deferred set until it is resumed.

        There is a set for each account, for each host of an account, and for each unresponsive webhook; new
        deliveries for an unresponsive webhook go into its set at once.
        """

    def resume(self, limit: int) -> list[WakeUp]:
        """Take up to `limit` deliveries out of the deferred sets, the oldest of each set first.

        It is called once a second. Each time twice as many deliveries of a set are resumed, until some of them are
        deferred again; then half as many.
        """

    def wakeups(self, limit: int, ahead: float, long: Collection[str] = ()) -> list[WakeUp]:
        """Take up to `limit` deliveries whose wake-up time comes within `ahead` seconds, and set their next ones.

        Args:
            long: lanes with many messages. A delivery there that was never claimed most likely still has its
                message in the lane, so it is not published again yet.
        """
