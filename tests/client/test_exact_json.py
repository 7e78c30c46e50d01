"""JSON whose numbers keep their digits, as a producer writes it and as the command line reads it."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripted_service import REF_ID, ScriptedService
from webhooks_client import Client, Rejected
from webhooks_client.exact_json import dumps, loads

KEY = "rb_producer_7Hq2mXs9"
EVENT: dict[str, Any] = {"action": "social", "refId": REF_ID, "type": "link", "platform": "linkedin"}
NUMBER = r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,25})?"


@given(st.from_regex(NUMBER, fullmatch=True).filter(lambda text: math.isfinite(float(text))))
@settings(derandomize=True, database=None)
def test_a_number_is_written_as_it_was_read(number: str) -> None:
    text = f'{{"a": [{number}, "{number}"]}}'
    assert dumps(loads(text)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: math.isfinite(float(number))))
@settings(derandomize=True, database=None)
def test_a_decimal_is_a_number_with_all_its_digits(number: Decimal) -> None:
    text = dumps({"a": number})
    read: Decimal = json.loads(text, parse_float=Decimal, parse_int=Decimal)["a"]
    assert read.as_tuple() == number.as_tuple()


@pytest.mark.parametrize("number", ["1.50", "12345678901234567890.12", "0.1"])
def test_a_producer_sends_decimals(number: str) -> None:
    with ScriptedService().running() as service, Client(service.url, KEY) as client:
        client.send({**EVENT, "total": Decimal(number)})
        client.send_many([{**EVENT, "total": Decimal(number)}])
    assert [call.body.count(b'"total":%s}' % number.encode()) for call in service.calls] == [1, 1]


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("-Infinity"), Decimal("1E400"), float("inf"), {1, 2}, b"1.50"]
)
def test_what_is_no_number_of_json_is_rejected(value: object) -> None:
    with Client("http://127.0.0.1:9", KEY) as client, pytest.raises(Rejected, match="not JSON"):
        client.send({**EVENT, "total": value})
