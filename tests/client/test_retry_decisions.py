"""When the client retries: decisions as values, without a clock."""

from __future__ import annotations

import pytest

from webhooks_client.retries import next_wait, read_retry_after


@pytest.mark.parametrize(
    ("attempts", "wait"), [(1, 0.2), (2, 0.4), (3, 0.8), (4, 1.6), (5, 3.2), (6, 5.0), (10_000, 5.0)]
)
def test_waits_double_up_to_five_seconds(attempts: int, wait: float) -> None:
    assert next_wait(attempts, remaining=30, retry_after=None, jitter=0) == pytest.approx(wait)


def test_jitter_shortens_a_wait_by_up_to_half() -> None:
    assert next_wait(3, remaining=30, retry_after=None, jitter=0.5) == pytest.approx(0.6)
    assert next_wait(3, remaining=30, retry_after=None, jitter=1) == pytest.approx(0.4)


@pytest.mark.parametrize("jitter", [0, 0.5, 0.999])
def test_a_wait_is_never_shorter_than_retry_after(jitter: float) -> None:
    wait = next_wait(1, remaining=30, retry_after=9, jitter=jitter)
    assert wait is not None
    assert 9 < wait <= 9.2


def test_the_last_wait_ends_with_the_patience() -> None:
    assert next_wait(6, remaining=1.5, retry_after=None, jitter=0) == 1.5
    assert next_wait(6, remaining=0, retry_after=None, jitter=0) is None


def test_a_retry_after_beyond_the_patience_gives_up() -> None:
    assert next_wait(1, remaining=10, retry_after=10, jitter=0) == 10
    assert next_wait(1, remaining=10, retry_after=10.5, jitter=0) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 120 "}, 120),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": "Mon, 05 Jan 2026 01:18:57 GMT", "Date": "Mon, 05 Jan 2026 01:18:47 GMT"}, 10),
        ({"Retry-After": "Mon, 05 Jan 2026 01:18:37 GMT", "Date": "Mon, 05 Jan 2026 01:18:47 GMT"}, 0),
        ({"Retry-After": "Mon, 05 Jan 2026 01:18:57 GMT"}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers) == seconds
