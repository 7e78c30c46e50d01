"""What `make receiver` prints: how to be called, and each call."""

from __future__ import annotations

import json
import time

from webhooks_local.receiver.calls import Call, verify

HEADERS_OF_INTEREST = (
    "User-Agent",
    "Content-Type",
    "X-Webhook-Attempt",
    "X-Authorization-Timestamp",
    "X-Authorization-Content-SHA256",
    "X-Authorization-Content-SHA256-V2",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
)


def describe_start(url: str) -> str:
    """Return what to do now; `url` is the receiver's, without a path."""
    return f"""\
Listening. Register a webhook with a URL such as

  {url}/ok/hello

Other paths behave badly: /status/503/x, /fail/2/x, /hang/x, /drip/x, /redirect/x, /close/x. Ctrl-C stops.
"""


def describe_call(call: Call, secret: str | None) -> str:
    """Return the call in lines, and whether its signatures hold if a secret is given."""
    lines = [f"{time.strftime('%H:%M:%S', time.localtime(call.received))} {call.method} {call.path}"]
    lines += [f"  {name}: {call.header(name)}" for name in HEADERS_OF_INTEREST if call.header(name) is not None]
    if secret is not None:
        lines.append("  ✓ signatures valid" if verify(call, secret) else "  ✗ signatures missing or not valid")
    lines += [f"  {line}" for line in _body(call).splitlines()]
    return "\n".join([*lines, ""])


def _body(call: Call) -> str:
    try:
        return json.dumps(call.json, indent=2, ensure_ascii=False)
    except ValueError:
        return repr(call.body)
