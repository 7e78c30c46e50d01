"""`webhooks deliveries`: the delivery log in pages, attempts with escaped answers, and sending again."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.conftest import CommandLine
from doubles import REFUSED
from scripted_service import REF_ID, Answer, ScriptedService, refuse
from stores import Store
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.http.call import Outcome

HOOK_ID = "aB3dE6gH9jK2mN5pQ8sT"


def listed(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "hookId": f"hook{number}",
        "action": "social",
        "refId": REF_ID,
        "state": "delivered",
        "created": "2026-01-05T10:00:00.000Z",
        "due": None,
        "attempts": 1,
        "lastStatus": 200,
        "lastError": None,
        "lastAttempt": "2026-01-05T10:00:01.000Z",
        **changes,
    }


def page(*deliveries: dict[str, Any], cursor: str | None = None) -> Answer:
    return Answer(200, {"status": "success", "deliveries": list(deliveries), "cursor": cursor})


def shown(**attempt: Any) -> Answer:
    """Return an answer with a delivery that has one attempt."""
    phases = {"dns": 1, "connect": None, "tls": None, "firstByte": 9}
    defaults = {"attempt": 1, "at": "2026-01-05T10:00:01.000Z", "retry": False, "status": 500, "error": None}
    first = {**defaults, "detail": None, "ms": 12, "body": "", "phases": phases, **attempt}
    delivery = {"hookId": HOOK_ID, "action": "social", "refId": REF_ID, "state": "retrying", "due": None}
    return Answer(200, {"status": "success", **delivery, "attempts": [first]})


def query(service: ScriptedService, call: int = 0) -> dict[str, list[str]]:
    return parse_qs(urlsplit(service.calls[call].path).query)


def test_deliveries_are_listed_in_a_table(scripted: CommandLine, service: ScriptedService) -> None:
    failed = listed(2, state="exhausted", attempts=3, lastStatus=None, lastError="dns")
    service.script.append(page(listed(1), failed, listed(3, attempts=0, lastStatus=None, lastAttempt=None)))
    result = scripted("deliveries", "list")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["hookId", "action", "state", "attempts", "last", "lastAttempt", "created", "refId"]
    assert rows[1][:5] == ["hook1", "social", "delivered", "1", "200"]
    assert rows[2][:5] == ["hook2", "social", "exhausted", "3", "dns"]
    assert rows[3][3:6] == ["0", "-", "-"]
    assert (result.exit_code, result.stderr) == (0, "")


def test_filters_are_sent_to_the_api(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(page())
    filters = ["--action", "social", "--state", "exhausted", "--ref-id", REF_ID, "--status-class", "5xx"]
    scripted("deliveries", "list", *filters, "--since", "2026-01-05", "--until", "2026-01-06T10:00:00+01:00")
    assert query(service) == {
        "action": ["social"],
        "state": ["exhausted"],
        "refId": [REF_ID],
        "statusClass": ["5xx"],
        "since": ["2026-01-05T00:00:00.000Z"],
        "until": ["2026-01-06T09:00:00.000Z"],
        "limit": ["20"],
    }


def test_a_list_joins_pages_up_to_the_limit(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(page(*map(listed, range(100)), cursor="two"))
    service.script.append(page(*map(listed, range(100, 150)), cursor="three"))
    result = scripted("deliveries", "list", "--limit", "150", "--json")
    found = json.loads(result.stdout)
    assert [one["hookId"] for one in found["deliveries"]] == [f"hook{number}" for number in range(150)]
    assert found["cursor"] == "three"
    assert [query(service, call)["limit"] for call in (0, 1)] == [["100"], ["50"]]
    assert query(service, 1)["cursor"] == ["two"]


def test_an_incomplete_list_prints_the_cursor_for_more(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend([page(listed(1), cursor="two"), page(listed(2))])
    first = scripted("deliveries", "list", "--limit", "1")
    assert first.stderr == "There are more: --cursor two\n"
    second = scripted("deliveries", "list", "--limit", "1", "--cursor", "two")
    assert query(service, 1)["cursor"] == ["two"]
    assert second.stderr == ""


def test_a_list_ends_at_a_missing_cursor_not_at_a_short_page(
    scripted: CommandLine, service: ScriptedService
) -> None:
    """A page may be shorter because deliveries have expired."""
    service.script.extend([page(cursor="two"), page(listed(2))])
    result = scripted("deliveries", "list", "--json")
    assert [one["hookId"] for one in json.loads(result.stdout)["deliveries"]] == ["hook2"]


def test_a_delivery_is_shown_with_its_attempts(webhooks: CommandLine, customer: str, store: Store) -> None:
    store.register(customer, "social", "https://hooks.example/")
    hook_id = store.owed(customer)
    first = store.claim(hook_id)
    outcome = Outcome(500, None, 34, body=b"out of order")
    attempt = Attempt(1, first.began, retry=False, outcome=outcome)
    store.ledger.record([Entry(first, State.RETRYING, attempt, delay=5)])
    result = webhooks("deliveries", "show", hook_id)
    assert result.stdout.startswith(f"hookId   {hook_id}\n")
    heading, row = [line.split() for line in result.stdout.splitlines() if line.startswith(("attempt", "1"))]
    assert " ".join(heading) == "attempt at status error detail ms dns connect tls firstByte"
    assert (row[0], row[2], row[5]) == ("1", "500", str(REFUSED.milliseconds))
    assert result.stdout.endswith("\nAnswer to attempt 1:\n  out of order\n")


def test_missing_phases_of_an_attempt_are_shown_as_dashes(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(shown())
    rows = [line.split() for line in scripted("deliveries", "show", HOOK_ID).stdout.splitlines()]
    assert rows[-1][-4:] == ["1", "-", "-", "9"]


def test_control_characters_of_an_answer_are_escaped(scripted: CommandLine, service: ScriptedService) -> None:
    """A receiver may answer anything."""
    body = "\x1b]0;owned\x07one\r\n\u202etwo\x9b2J" + "x" * 1_000
    service.script.append(shown(body=body))
    result = scripted("deliveries", "show", HOOK_ID)
    *_, first, second, last = result.stdout.splitlines()
    assert first == "  \\x1b]0;owned\\x07one"
    assert second.startswith("  \\u202etwo\\x9b2Jxxx")
    assert last == f"  … and {len(body) - 400} more characters"


@pytest.mark.usefixtures("customer")
def test_an_unknown_delivery_is_an_error(webhooks: CommandLine) -> None:
    result = webhooks("deliveries", "show", HOOK_ID)
    assert (result.exit_code, result.stderr) == (1, "Error: No delivery has this hookId. (404)\n")


def queued(hook_id: str) -> Answer:
    receipt = {"hookId": hook_id, "action": "social", "refId": REF_ID, "state": "queued"}
    return Answer(202, {"status": "success", **receipt})


@pytest.mark.parametrize("as_json", [True, False])
def test_resend_sends_each_delivery_again(scripted: CommandLine, service: ScriptedService, as_json: bool) -> None:
    service.script.extend([queued("one"), queued("two")])
    result = scripted("deliveries", "resend", "one", "two", *(["--json"] if as_json else []))
    assert [(call.method, call.path) for call in service.calls] == [
        ("POST", "/api/hook/deliveries/one/resend"),
        ("POST", "/api/hook/deliveries/two/resend"),
    ]
    assert result.exit_code == 0
    if as_json:
        assert [one["hookId"] for one in json.loads(result.stdout)] == ["one", "two"]
    else:
        assert result.stdout == "hookId  state\none     queued\ntwo     queued\n"


def test_resend_continues_after_a_refused_delivery(scripted: CommandLine, service: ScriptedService) -> None:
    refusal = refuse(404, 404, "No delivery has this hookId.", action="deliveries")
    service.script.extend([refusal, queued("two")])
    result = scripted("deliveries", "resend", "one", "two")
    assert result.exit_code == 1
    assert result.stderr == "Error: one: No delivery has this hookId. (404)\n"
    assert "two     queued\n" in result.stdout
