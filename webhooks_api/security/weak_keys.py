"""Weak keys in the settings: the API logs a warning when it starts, and accepts them."""

from __future__ import annotations

import structlog

from config.settings import Settings

#: The minimum of characters of a strong key.
SHORTEST = 20

log = structlog.get_logger()


def warn_of_weak_keys(settings: Settings) -> None:
    """Log the names of settings with short keys, or with the same key for both roles; never a key itself."""
    keys_of = {"WEBHOOKS_ADMIN_KEY": (settings.admin_key,), "WEBHOOKS_PRODUCER_KEYS": settings.producer_keys}
    for name, keys in keys_of.items():
        if any(len(key) < SHORTEST for key in keys):
            log.warning("settings.weak_key", setting=name, reason=f"shorter than {SHORTEST} characters")
    if settings.admin_key in settings.producer_keys:
        log.warning("settings.weak_key", setting="WEBHOOKS_ADMIN_KEY", reason="a producer has it too")
