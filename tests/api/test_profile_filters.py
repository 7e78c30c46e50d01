"""`GET /api/profiles`: all profiles of an account, or those that match the query."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer

PATH = "/api/profiles"


@pytest.fixture
def shops(customer: Customer) -> dict[str, Customer]:
    return {title: customer.add_profile(title) for title in ("one", "two", "three")}


def found(customer: Customer, **query: str) -> set[str]:
    answer = customer.call("GET", PATH, query_string=query)
    assert (answer.status, set(answer.json)) == (200, {"status", "profiles"})
    return {profile["title"] for profile in answer.json["profiles"]}


@pytest.mark.usefixtures("shops")
def test_profiles_are_found_by_their_full_title(customer: Customer) -> None:
    assert found(customer, title="two") == {"two"}
    assert found(customer, title="tw") == set()


def test_a_profile_is_found_by_its_ref_id(customer: Customer, shops: dict[str, Customer]) -> None:
    assert found(customer, refId=shops["two"].ref_id) == {"two"}
    assert found(customer, refId=customer.ref_id) == set()


@pytest.mark.parametrize("names", [("profileKeys[0]", "profileKeys[1]"), ("profileKeys[7]", "profileKeys")])
def test_profiles_are_found_by_their_keys(
    customer: Customer, shops: dict[str, Customer], names: tuple[str, str]
) -> None:
    keys = {name: str(shops[title].profile_key) for name, title in zip(names, ("one", "three"), strict=True)}
    assert found(customer, **keys) == {"one", "three"}


def test_the_key_of_another_account_finds_no_profile(
    api: Api, customer: Customer, shops: dict[str, Customer]
) -> None:
    strangers = str(api.open_account().add_profile("not yours").profile_key)
    keys = {f"profileKeys[{number}]": key for number, key in enumerate([strangers, customer.key, "unknown"])}
    assert found(customer, **keys) == set()
    own = {"profileKeys[3]": str(shops["one"].profile_key)}
    assert found(customer, **keys, **own) == {"one"}


def test_profiles_must_match_every_parameter(customer: Customer, shops: dict[str, Customer]) -> None:
    one = {"refId": shops["one"].ref_id, "profileKeys[0]": str(shops["one"].profile_key), "source": "npm"}
    assert found(customer, title="one", **one) == {"one"}
    assert found(customer, title="two", **one) == set()


@pytest.mark.parametrize("query", ["title=", "refId=", "refId=x", "profileKeys[0]=", "profileKeys=a%0Ab"])
def test_a_bad_parameter_is_named(customer: Customer, query: str) -> None:
    answer = customer.call("GET", f"{PATH}?{query}")
    assert answer.status == 400
    assert set(answer.json["errors"]) == {query.partition("=")[0].removesuffix("[0]")}
