"""Every threshold of admission, with its unit and its reason. All of them hold for one worker process."""

from __future__ import annotations

#: Calls in flight, and open connections, idle ones included.
MAX_CALLS = 1000
MAX_CONNECTIONS = 2000

#: A host has at most `HOST_SLOTS` calls in flight, and at most half of a worker's calls.
HOST_SLOTS = 100
#: Its unresponsive receivers share `PROBE_SLOTS` slots of their own: at most a tenth of a worker's calls.
PROBE_SLOTS = 20
#: No limit that is a part of a worker's calls is lower than this.
MIN_SLOTS = 4
#: The calls to a host that an account may have in flight for each free slot: 75 of 100 at most.
HOST_SHARE = 3
#: The probes that a receiver may have in flight for each free probe slot: 10 of 20, or one among many receivers.
PROBE_SHARE = 1

#: Calls that an account may have in flight however few slots the worker has left; at most a quarter of its calls.
ACCOUNT_SLOTS = 50
#: Calls that take this many seconds or more are slow. Quicker calls free their slots soon enough.
SLOW_SECONDS = 1.0

#: Seconds that a call waits for a slot. Its lease runs meanwhile.
MAX_WAIT = 2.5

#: A receiver is unresponsive after this many calls that lasted to their deadline.
TIMEOUTS_UNTIL_UNRESPONSIVE = 3
#: Each further timeout counts, up to this many. Each call that ended sooner halves the count, so a receiver must
#: answer several calls before it is trusted again.
MAX_TIMEOUTS_COUNTED = 15
#: After a host was unresponsive, its receivers are in doubt for this many seconds: where some of them respond and
#: some do not, the host's own count goes up and down.
DOUBT_SECONDS = 60.0

#: Deliveries that came in bulk leave this part of a worker's calls free for others.
BULK_LEAVES_FREE = 1 / 4

#: Hosts, receivers and accounts that are remembered, of each. Beyond that, those without a call in flight are
#: forgotten.
MAX_REMEMBERED = 10_000

#: When calls cannot be made, none are admitted for this many seconds. Each further time the pause doubles, up to
#: the maximum, until a call was made.
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0


def part_of(max_calls: int, divisor: int, limit: int) -> int:
    """Return a part of a worker's calls: `max_calls / divisor`, at least `MIN_SLOTS` and at most `limit`."""
    return min(limit, max(MIN_SLOTS, max_calls // divisor))
