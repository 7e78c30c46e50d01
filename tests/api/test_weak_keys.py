"""Keys that can be guessed are reported when the API starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from doubles import RecordedIds
from webhooks.store.connection import Client
from webhooks_api.app import create_app

LONG, LONG_TOO, SHORT = "canary-" + "a" * 13, "canary-" + "b" * 13, "canary-" + "c" * 12
ADMIN, PRODUCERS = "WEBHOOKS_ADMIN_KEY", "WEBHOOKS_PRODUCER_KEYS"


@pytest.mark.parametrize(
    ("admin_key", "producer_keys", "reported"),
    [
        (LONG, (LONG_TOO,), []),
        (SHORT, (LONG, LONG_TOO), [(ADMIN, "shorter than 20 characters")]),
        (LONG, (LONG_TOO, SHORT), [(PRODUCERS, "shorter than 20 characters")]),
        (LONG, (LONG_TOO, LONG), [(ADMIN, "a producer has it too")]),
        (
            SHORT,
            (SHORT,),
            [
                (ADMIN, "shorter than 20 characters"),
                (PRODUCERS, "shorter than 20 characters"),
                (ADMIN, "a producer has it too"),
            ],
        ),
    ],
)
def test_the_error_about_a_weak_key_names_its_setting(
    settings: Settings,
    fake_redis: Client,
    admin_key: str,
    producer_keys: tuple[str, ...],
    reported: list[tuple[str, str]],
) -> None:
    keys = replace(settings, admin_key=admin_key, producer_keys=producer_keys)
    with capture_logs() as logs:
        create_app(keys, fake_redis, RecordedIds())
    warning = {"event": "settings.weak_key", "log_level": "warning"}
    assert logs == [{**warning, "setting": name, "reason": reason} for name, reason in reported]
    assert "canary" not in str(logs)
