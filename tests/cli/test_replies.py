"""The plans by which `webhooks listen` replies, without a socket."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from webhooks_cli.replies import AtRandom, make_plan
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
def test_without_options_the_path_decides(path: str, expected: list[int | str]) -> None:
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
def test_options_override_the_path(options: dict[str, Any], expected: list[int | str]) -> None:
    calls = [call("one", "/status/418/x")] * 3
    assert answers(make_plan(**options), *calls) == expected


def test_each_delivery_has_its_own_count() -> None:
    """A second event fails as often as the first, at the same URL."""
    calls = [call("one"), call("two"), call("one"), call("two")]
    assert answers(make_plan(fail=1), *calls) == [500, 500, 200, 200]


def test_calls_without_a_hook_id_are_counted_by_their_path() -> None:
    calls = [call(path="/a"), call(path="/b"), call(path="/a")]
    assert answers(make_plan(fail=1), *calls) == [500, 500, 200]


def test_a_share_of_the_calls_fails_at_random() -> None:
    numbers = itertools.cycle([0.0, 0.29, 0.3, 0.9])
    plan = AtRandom(0.3, Reply(503), random_number=lambda: next(numbers))
    assert answers(plan, *[call("one")] * 4) == [503, 503, 200, 200]


@pytest.mark.parametrize(("share", "expected"), [(0.0, {200}), (1.0, {500})])
def test_the_share_may_be_none_or_all(share: float, expected: set[int]) -> None:
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
def test_contradictory_options_and_unknown_replies_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="--"):
        make_plan(**options)
