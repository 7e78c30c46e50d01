"""`/healthz` and `/readyz`: for load balancers and orchestrators, without a key."""

from __future__ import annotations

from typing import Any, Protocol

from flask import Blueprint

from webhooks.errors import StorageUnavailable


class Workers(Protocol):
    """Signs of life of the workers."""

    def seen_lately(self) -> bool:
        """Report whether a worker is alive; raises StorageUnavailable."""


def health_routes(workers: Workers) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, Any]:
        """Answer that the process lives."""
        return {"status": "success"}

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, Any], int]:
        """Answer whether events would be stored and delivered, and if not, why."""
        try:
            if workers.seen_lately():
                return {"status": "success"}, 200
            reason = "No worker was seen lately."
        except StorageUnavailable:
            reason = "Redis cannot be reached or written to."
        return {"action": "readyz", "status": "error", "code": 503, "message": reason}, 503

    return blueprint
