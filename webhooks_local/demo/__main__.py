"""`make demo`: sends events of every kind to a receiver on this machine, and prints whether each promise was kept.

It takes a little over a minute, because one receiver never answers and is called three times.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console

from config.settings import DEFAULTS
from webhooks_client import ClientError
from webhooks_local.demo.api import Api
from webhooks_local.demo.checks import check
from webhooks_local.demo.evidence import CheckResult, Evidence, Schedule
from webhooks_local.demo.scene import send_events, set_up
from webhooks_local.demo.stack import DemoFailedError, Stack, running_stack
from webhooks_local.demo.table import watch
from webhooks_local.receiver import Receiver, open_on_this_machine


def run_demo(stack: Stack, receiver: Receiver, schedule: Schedule) -> list[CheckResult]:
    """Send the events, show their deliveries, and return the results.

    Raises:
        DemoFailedError: the API refused a call or does not answer.
        webhooks_client.ClientError: an event could not be sent.
    """
    with Api(stack) as api:
        profiles = set_up(api, receiver)
        sent = send_events(stack, profiles)
        longest = schedule.timeout * (len(schedule.delays) + 1) + sum(schedule.delays)
        deliveries = watch(
            sent, lambda one: api.delivery(one.hook_id, one.profile.key), deadline_seconds=longest + 20
        )
    evidence = [
        Evidence(one, deliveries[one.hook_id], receiver.calls(one.path), receiver.url(one.path)) for one in sent
    ]
    return list(check(evidence, receiver.calls(), schedule))


def show(results: Sequence[CheckResult]) -> None:
    """Print a line for each promise."""
    console = Console(highlight=False, soft_wrap=True)
    for result in results:
        mark = "[green]✓[/]" if result.kept else "[red]✗[/]"
        console.print(f"{mark} {result.promise}" + (f" [dim]({result.seen})[/]" if result.seen else ""))
    broken = sum(not result.kept for result in results)
    console.print(f"\n{broken} of {len(results)} promises broken." if broken else "\nEvery promise was kept.")


def schedule_of(environment: Mapping[str, str]) -> Schedule:
    """Return the settings for retries, or their defaults."""
    delays, timeout = (
        environment.get(name, "").strip() or DEFAULTS[name]
        for name in ("WEBHOOKS_RETRY_DELAYS", "WEBHOOKS_TIMEOUT")
    )
    return Schedule([float(delay) for delay in delays.split(",")], float(timeout))


def main() -> int:
    """Run the demo, and return 0 if every promise was kept."""
    os.environ["no_proxy"] = "*"  # all calls stay on this machine
    try:
        with running_stack(os.environ) as stack, open_on_this_machine() as receiver:
            results = run_demo(stack, receiver, schedule_of(os.environ))
    except (DemoFailedError, ClientError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    show(results)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
