"""JSON whose numbers keep all their digits, as the client writes it and the command line reads it."""

from __future__ import annotations

import json
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripted_service import EVENT, KEY, ScriptedService
from webhooks_client import Client, Rejected
from webhooks_client.exact_json import dumps, loads

NUMBER = r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,25})?"


@given(st.from_regex(NUMBER, fullmatch=True).filter(lambda text: math.isfinite(float(text))))
@settings(derandomize=True, database=None)
def test_numbers_are_written_as_they_were_read(number: str) -> None:
    text = f'{{"a": [{number}, "{number}"]}}'
    assert dumps(loads(text)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: math.isfinite(float(number))))
@settings(derandomize=True, database=None)
def test_a_decimal_is_a_number_with_all_its_digits(number: Decimal) -> None:
    text = dumps({"a": number})
    read: Decimal = json.loads(text, parse_float=Decimal, parse_int=Decimal)["a"]
    assert read.as_tuple() == number.as_tuple()


@pytest.mark.parametrize("number", ["1.50", "12345678901234567890.12", "0.1"])
def test_the_client_sends_decimals_as_numbers(number: str) -> None:
    with ScriptedService().running() as service, Client(service.url, KEY) as client:
        client.send({**EVENT, "total": Decimal(number)})
        client.send_many([{**EVENT, "total": Decimal(number)}])
    assert [call.body.count(b'"total":%s}' % number.encode()) for call in service.calls] == [1, 1]


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("-Infinity"), Decimal("1E400"), float("inf"), {1, 2}, b"1.50"]
)
def test_values_that_json_cannot_express_are_rejected(value: object) -> None:
    with Client("http://127.0.0.1:9", KEY) as client, pytest.raises(Rejected, match="not JSON"):
        client.send({**EVENT, "total": value})
