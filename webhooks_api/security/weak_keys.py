"""Keys of the operator's that could be guessed: the API logs a warning when it starts, and accepts them."""

from __future__ import annotations

import structlog

from config.settings import Settings

#: Characters that a random key should have at least.
SHORTEST = 20

log = structlog.get_logger()


def warn_of_weak_keys(settings: Settings) -> None:
    """Log the names of the settings whose keys are too short, or one and the same for both; never a key."""
    keys_of = {"WEBHOOKS_ADMIN_KEY": (settings.admin_key,), "WEBHOOKS_PRODUCER_KEYS": settings.producer_keys}
    for name, keys in keys_of.items():
        if any(len(key) < SHORTEST for key in keys):
            log.warning("settings.weak_key", setting=name, reason=f"shorter than {SHORTEST} characters")
    if settings.admin_key in settings.producer_keys:
        log.warning("settings.weak_key", setting="WEBHOOKS_ADMIN_KEY", reason="a producer has it too")
