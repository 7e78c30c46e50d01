"""Rate limits: what a gate does about them, and the headers that report them."""

from __future__ import annotations

from flask import Flask, Response, g

from webhooks.accounts.rate_limits import Allowance
from webhooks.errors import TooManyCalls


def admit(allowance: Allowance | None) -> None:
    """Admit a call if its limit allows; in either case the headers of the answer say what is left.

    Args:
        allowance: None lets it pass without a word.

    Raises:
        TooManyCalls: it may not.
    """
    g.allowance = allowance
    if allowance is not None and allowance.retry_after is not None:
        raise TooManyCalls(allowance.retry_after)


def install_limits(app: Flask) -> None:
    """Make the application say in the headers of its answers what a limit has left."""

    @app.after_request
    def _tell(answer: Response) -> Response:
        allowance: Allowance | None = g.get("allowance")
        if allowance is not None:
            answer.headers["X-RateLimit-Limit"] = str(allowance.limit)
            answer.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            answer.headers["X-RateLimit-Reset"] = str(allowance.reset)
        return answer
