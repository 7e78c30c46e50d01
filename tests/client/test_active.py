"""The question whether a webhook is active."""

from __future__ import annotations

import pytest

from scripted_service import (
    REF_ID,
    Answer,
    ScriptedService,
)
from webhooks_client import (
    Client,
    UnexpectedAnswer,
)


@pytest.mark.parametrize("active", [True, False])
def test_active_returns_whether_a_webhook_would_be_called(
    client: Client, service: ScriptedService, active: bool
) -> None:
    service.script.append(Answer(200, {"status": "success", "active": active}))
    assert client.active("feed", REF_ID) is active
    [call] = service.calls
    assert (call.method, call.path) == ("GET", f"/api/events/active?action=feed&refId={REF_ID}")


def test_active_without_an_answer_is_unexpected(client: Client, service: ScriptedService) -> None:
    """For `feed`, a wrong guess would post an item twice or not at all."""
    service.script.append(Answer(200, {"status": "success"}))
    with pytest.raises(UnexpectedAnswer):
        client.active("feed", REF_ID)
