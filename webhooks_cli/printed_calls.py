"""The output of `webhooks listen` for a call: headers, body, the validity of its signatures, and the answer."""

from __future__ import annotations

import time
from collections.abc import Mapping

from webhooks_cli import output
from webhooks_cli.output import printable
from webhooks_client.exact_json import dumps
from webhooks_local.receiver.behaviours import Manner, Reply
from webhooks_local.receiver.calls import Call

PRINTED_HEADERS = (
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


def in_lines(call: Call, verdicts: Mapping[str, bool], reply: Reply) -> str:
    """Return a call as lines for people.

    Args:
        verdicts: whether each signature is valid, by its header; empty without a secret.
        reply: the answer to the call.
    """
    at = time.strftime("%H:%M:%S", time.localtime(call.received))
    lines = [f"{at} {call.method} {printable(call.path)} → {_described(reply)}"]
    lines += [f"  {name}: {printable(value)}" for name in PRINTED_HEADERS if (value := call.header(name))]
    for name, is_valid in verdicts.items():
        lines.append(f"  ✓ {name} is valid" if is_valid else f"  ✗ {name} is missing or not valid")
    lines += [f"  {printable(line)}" for line in _body(call).splitlines()]
    return "\n".join([*lines, ""])


def in_json(call: Call, verdicts: Mapping[str, bool], reply: Reply) -> str:
    """Return a call as a line of JSON for programs; the arguments are those of `in_lines`."""
    try:
        body = call.json
    except ValueError:
        body = call.body.decode(errors="replace")
    return output.in_json(
        {
            "received": call.received,
            "method": call.method,
            "path": call.path,
            "headers": call.headers,
            "body": body,
            "valid": verdicts,
            "answer": reply.answer,
        }
    )


def _described(reply: Reply) -> str:
    return f"no answer ({reply.answer})" if isinstance(reply.answer, Manner) else str(reply.answer)


def _body(call: Call) -> str:
    try:
        return dumps(call.json, indent=2, ensure_ascii=False)
    except ValueError:
        return repr(call.body)
