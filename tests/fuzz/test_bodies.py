"""Any bytes as a body are answered quickly, and never with 500."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fuzz.conftest import Scene, check_error
from fuzz.made_up import JSON
from samples import SAMPLES, sample

TOKENS = st.sampled_from(
    [
        *(
            b"[",
            b"]",
            b"{",
            b"}",
            b'"',
            b",",
            b":",
            b"\\",
            b"\\u",
            b"\\ud800",
            b"\\u0000",
            b"/*",
            b"0",
            b"-",
            b"e",
            b".",
        ),
        *(b"NaN", b"-Infinity", b"null", b"1e999", b"9" * 400, b"[" * 70, b'{"a":' * 70, b"[" * 2_000),
        *(
            b"\x00",
            b"\xff",
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xef\xbb\xbf",
            b"\xf4\x90\x80\x80",
            b"\r\n",
            b"\xe2\x80\xa8",
        ),
    ]
)
CALLS = [
    ("POST", "/api/events", "events"),
    ("POST", "/api/hook/webhook", "webhook"),
    ("DELETE", "/api/hook/webhook", "webhook"),
    ("POST", "/api/hook/webhook/secret", "webhook"),
    ("POST", "/api/profiles", "profiles"),
    ("POST", "/api/admin/accounts", "accounts"),
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Return an event or another JSON text with parts of it moved, some times."""
    text = json.dumps(draw(st.sampled_from([sample(name) for name in SAMPLES]) | JSON)).encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 10)))
        text = text[:start] + draw(TOKENS | st.binary(max_size=4)) + text[end:]
    return text


BYTES: SearchStrategy[bytes] = broken() | st.binary(max_size=40) | st.lists(TOKENS, max_size=8).map(b"".join)


@pytest.mark.parametrize(("method", "path", "tag"), CALLS)
def test_no_bytes_are_answered_500(scene: Scene, method: str, path: str, tag: str) -> None:
    @given(BYTES)
    def check(body: bytes) -> None:
        answer = scene.api.call(method, path, scene.key(tag), data=body, content_type="application/json")
        assert answer.status in {200, 201, 202, 400, 404, 409, 413}
        assert isinstance(answer.json, dict)
        if answer.status >= 400:
            check_error(answer.json)

    check()


HEADERS = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30)


def test_no_header_is_answered_500(scene: Scene) -> None:
    event = json.dumps(sample("social-link", scene.customer.ref_id)).encode()
    names = (
        "Content-Type",
        "Content-Encoding",
        "Idempotency-Key",
        "Profile-Key",
        "Accept",
        "Host",
        "Cookie",
        "Range",
    )

    @given(st.dictionaries(st.sampled_from(names), HEADERS, max_size=3))
    def check(headers: dict[str, str]) -> None:
        headers = {"Content-Type": "application/json", **headers}
        answer = scene.api.call("POST", "/api/events", scene.key("events"), data=event, headers=headers)
        assert answer.status in {202, 400, 409, 415}
        if answer.status >= 400:
            check_error(answer.json)

    check()
