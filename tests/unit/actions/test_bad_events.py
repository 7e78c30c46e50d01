"""Bad input in any field of any action names exactly that field; the cases are in `bad_events.json`.

A case changes one `field` of a `sample` to a `value`, or leaves it out if there is none. The error names the
field, unless the case `names` another. Fields in `without` are left out as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from samples import sample
from webhooks.actions import CATALOGUE
from webhooks.errors import InvalidInput

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "bad_events.json").read_text())


def case_id(case: dict[str, Any]) -> str:
    what = "is missing" if "value" not in case else f"is {json.dumps(case['value'])}"
    return f"{case['sample']}: {case['field']} {what}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_an_error_names_the_bad_field(case: dict[str, Any]) -> None:
    event = bad_event(case)
    with pytest.raises(InvalidInput) as refused:
        CATALOGUE[event["action"]].check(event)
    assert set(paths(refused.value.errors)) == {case.get("names", case["field"])}


def test_all_bad_fields_are_named_at_once() -> None:
    event = sample("feed-rss", feedId="", item={"link": 5}, feed={"type": "atom"})
    with pytest.raises(InvalidInput) as refused:
        CATALOGUE["feed"].check(event)
    assert set(paths(refused.value.errors)) == {"feedId", "item.title", "item.link", "feed.type"}


@pytest.mark.parametrize(("length", "is_taken"), [(100, True), (101, False)])
def test_an_array_has_at_most_a_hundred_items(length: int, is_taken: bool) -> None:
    event = sample("scheduled-success", platforms=["facebook"] * length)
    if is_taken:
        assert CATALOGUE["scheduled"].check(event)["platforms"] == event["platforms"]
        return
    with pytest.raises(InvalidInput) as refused:
        CATALOGUE["scheduled"].check(event)
    assert refused.value.errors == {"platforms": ["Longer than maximum length 100."]}


def test_at_most_five_errors_of_an_array_are_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        CATALOGUE["scheduled"].check(sample("scheduled-success", platforms=["facebook", *range(99)]))
    assert set(paths(refused.value.errors)) == {f"platforms.{index}" for index in range(1, 6)}


def bad_event(case: dict[str, Any]) -> dict[str, Any]:
    event = sample(case["sample"])
    *parents, name = case["field"].split(".")
    parent_object = event
    for parent in parents:
        parent_object = parent_object[parent]
    parent_object.pop(name, None)
    if "value" in case:
        parent_object[name] = case["value"]
    for unwanted in case.get("without", []):
        del event[unwanted]
    return event


def paths(errors: Mapping[Any, Any]) -> Iterator[str]:
    """Give the paths of fields with messages: {"item": {"title": ["…"]}} has `item.title`."""
    for name, inner in errors.items():
        if isinstance(inner, Mapping):
            yield from (f"{name}.{path}" for path in paths(inner))
        else:
            assert inner, f"no message for {name}"
            yield str(name)
