"""`make receiver`: a webhook receiver that prints what it is sent."""

from __future__ import annotations

import argparse
import sys
import threading

from webhooks_local.receiver import open_on_this_machine
from webhooks_local.receiver.printing import describe_call, describe_start


def main() -> int:
    """Print each call until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=8443, help="the port to listen on (8443)")
    parser.add_argument("--secret", help="the webhook's secret, to check signatures with")
    arguments = parser.parse_args()
    try:
        receiver = open_on_this_machine(
            arguments.port, lambda call: print(describe_call(call, arguments.secret), flush=True)
        )
    except OSError as error:
        print(f"receiver: {error}", file=sys.stderr)
        return 1
    with receiver:
        print(describe_start(receiver.url("")), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
