"""`/api/docs` shows the OpenAPI document in a browser, and loads nothing from other sites."""

from __future__ import annotations

import re

import pytest

from api.conftest import Api, error

PAGE = "/api/docs"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/"])
def test_the_page_is_served_without_a_redirect(api: Api, path: str) -> None:
    """A redirect would contain the Host header, which anybody can set."""
    answer = api.call("GET", path, headers={"Host": "evil.example"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "evil" not in answer.text + str(answer.headers)


def test_the_page_loads_only_files_that_are_served_beside_it(api: Api) -> None:
    """The page works without internet access, and no third party learns who reads it."""
    wanted = re.findall(r'(?:src|href)="([^"]+)"', api.call("GET", PAGE).text)
    assert len(wanted) == 5
    for address in wanted:
        assert address.startswith(f"{PAGE}/")
        assert api.call("GET", address).status == 200


def test_the_page_shows_the_document_and_calls_no_validator(api: Api) -> None:
    """By default Swagger UI sends the document to validator.swagger.io for a badge."""
    start = api.call("GET", f"{PAGE}/start.js").text
    assert 'url: "/api/openapi.json"' in start
    assert "validatorUrl: null" in start
    assert "//" not in re.sub("// [^\n]+", "", start)


def test_the_page_has_nothing_that_its_content_policy_forbids(api: Api) -> None:
    """So the policy needs no `unsafe-inline`."""
    page = api.call("GET", PAGE)
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {name: value for name, value in policy.items() if value not in {"'none'", "'self'"}} == {
        "img-src": "'self' data:"
    }
    assert re.findall(r"<script(?! src=)|<style| style=| on\w+=|javascript:", page.text) == []


@pytest.mark.parametrize("name", ["swagger-ui.css", "index.css"])
def test_its_styles_load_nothing_from_other_sites(api: Api, name: str) -> None:
    """Fonts are embedded."""
    styles = api.call("GET", f"{PAGE}/{name}").text
    assert "@import" not in styles
    assert [
        address for address in re.findall(r"url\(['\"]?([^)]+)", styles) if not address.startswith("data:")
    ] == []


@pytest.mark.parametrize("name", ["nothing.js", "oauth2-redirect.html", "../openapi.py", "%2e%2e/%2e%2e/setup.py"])
def test_a_file_that_the_page_does_not_use_is_404(api: Api, name: str) -> None:
    answer = api.call("GET", f"{PAGE}/{name}")
    assert answer.status == 404
    assert answer.json == error(answer.json["action"], 404, "This endpoint does not exist")
