"""How `webhooks listen` answers: plans as values, without a socket."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from webhooks_cli.replies import ByChance, make_plan
from webhooks_local.receiver import Call
from webhooks_local.receiver.behaviours import Manner, Reply


def call(hook_id: str | None = None, path: str = "/hello") -> Call:
    body = b"[]" if hook_id is None else json.dumps({"hookId": hook_id}).encode()
    return Call(path, "POST", [], body, 0.0)


def answers(plan: Any, *calls: Call) -> list[int | str]:
    return [plan(one).answer for one in calls]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/hello", [200, 200]),
        ("/", [200, 200]),
        ("/status/503/x", [503, 503]),
        ("/fail/1/x", [500, 200]),
        ("/hang/x", [Manner.HANG, Manner.HANG]),
    ],
)
def test_without_options_the_path_says_how(path: str, expected: list[int | str]) -> None:
    assert answers(make_plan(), call(path=path), call(path=path)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"status": 503}, [503, 503, 503]),
        ({"hang": True}, [Manner.HANG] * 3),
        ({"fail": 2}, [500, 500, 200]),
        ({"fail": 2, "status": 429}, [429, 429, 200]),
        ({"fail": 1, "hang": True}, [Manner.HANG, 200, 200]),
        ({"fail": 0}, [200, 200, 200]),
        ({"schedule": "500, hang,204"}, [500, Manner.HANG, 204]),
        ({"schedule": "drip,close"}, [Manner.DRIP, Manner.CLOSE, Manner.CLOSE]),
    ],
)
def test_options_go_before_the_path(options: dict[str, Any], expected: list[int | str]) -> None:
    calls = [call("one", "/status/418/x")] * 3
    assert answers(make_plan(**options), *calls) == expected


def test_each_delivery_is_counted_by_itself() -> None:
    """A second event fails as often as the first, at the same URL."""
    calls = [call("one"), call("two"), call("one"), call("two")]
    assert answers(make_plan(fail=1), *calls) == [500, 500, 200, 200]


def test_what_is_no_delivery_is_counted_by_its_path() -> None:
    calls = [call(path="/a"), call(path="/b"), call(path="/a")]
    assert answers(make_plan(fail=1), *calls) == [500, 500, 200]


def test_chance_takes_its_share() -> None:
    numbers = itertools.cycle([0.0, 0.29, 0.3, 0.9])
    plan = ByChance(0.3, Reply(503), chance=lambda: next(numbers))
    assert answers(plan, *[call("one")] * 4) == [503, 503, 200, 200]


@pytest.mark.parametrize(("share", "expected"), [(0.0, {200}), (1.0, {500})])
def test_none_and_all_are_shares_too(share: float, expected: set[int]) -> None:
    assert set(answers(make_plan(share=share), *[call("one")] * 50)) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"status": 500, "hang": True},
        {"status": 500, "schedule": "200"},
        {"hang": True, "schedule": "200"},
        {"fail": 1, "share": 0.5},
        {"fail": 1, "schedule": "200"},
        {"share": 0.5, "schedule": "200"},
        {"schedule": ""},
        {"schedule": "500,"},
        {"schedule": "199"},
        {"schedule": "600"},
        {"schedule": "sleep"},
    ],
)
def test_what_excludes_each_other_or_is_no_reply_is_a_mistake(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="--"):
        make_plan(**options)
