"""A call can be made for any webhook, secret and title that was accepted."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from api.conftest import Customer
from fuzz.conftest import Scene, check_deliverable, check_error
from fuzz.made_up import HTTPS_URLS, TEXTS
from samples import sample
from webhooks.http.destinations import read_url

#: A URL, and characters that may be inserted anywhere.
URLS = st.tuples(
    st.sampled_from(["https://", "HTTPS://", "https:/", "https:", "http://", ""]),
    st.sampled_from(
        ["hooks.example", "[2001:db8::1]", "192.0.2.1", "0x7f.1", "xn--bcker-gra.example", "user:x@h", ""]
    )
    | TEXTS,
    st.sampled_from(["", ":8443", ":0", ":65536", ":x", "."]),
    st.sampled_from(["", "/", "/a%20b?c=d&e", "?x", "/ö", "/\r\nX: 1", "#part", "/{a}|b^`", "/\\"]) | TEXTS,
).map("".join)
SECRETS = st.none() | TEXTS | st.sampled_from(["whsec_", "whsec_YQ==", "whsec_%", "x" * 513, "\0"])


def test_a_webhook_is_refused_by_name_or_can_be_called(scene: Scene) -> None:
    called = []

    @example("HTTPS://Hooks.Example", None, "0")
    @given(URLS | HTTPS_URLS, SECRETS, TEXTS)
    def check(url: str, secret: str | None, title: str) -> None:
        made = scene.customer.call("POST", "/api/profiles", json={"title": title})
        if made.status != 200:
            assert (made.status, set(made.json["errors"])) == (400, {"title"})
            check_error(made.json)
            return
        shop = Customer(scene.api, made.json["refId"], scene.customer.key, made.json["profileKey"])
        answer = shop.register("social", url, secret=secret)
        if answer.status != 200:
            assert answer.status == 400
            assert set(answer.json["errors"]) <= {"url", "secret"}
            check_error(answer.json)
            assert "social" not in shop.webhooks()
            return
        event = sample("social-link", shop.ref_id)
        call = scene.call_for(scene.api.send(event).json["hookId"])
        check_deliverable(call, event)
        shown = answer.json["url"]  # in the form in which it is stored, such as with a host in lower case
        assert (call.url, json.loads(call.body)["title"]) == (shown, title)
        assert read_url(shown) == read_url(url)
        assert ("webhook-signature" in call.headers) is (secret is not None)
        called.append(url)

    check()
    assert len(called) >= 10
