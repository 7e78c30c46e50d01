"""No route lets an account read or change the data of another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from api.conftest import Api, app_on
from api.isolation_scene import CALLERS, DELIVERIES, FEED, VISIBLE, Scene, Stored, every_caller
from api.test_authentication import contents_but_counts
from config.settings import Settings
from doubles import KnownNames, PublishedRecoveries, RecordedIds, contents
from webhooks.deliveries.delivery import State
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.store.connection import connect


@pytest.fixture(scope="session")
def backstage(flushed_redis_url: str) -> Iterator[SimpleNamespace]:
    """A real Redis, which restores the scene of each test quickly."""
    with connect(flushed_redis_url) as redis:
        yield SimpleNamespace(redis=redis)


@pytest.fixture(scope="session")
def app(settings: Settings, backstage: SimpleNamespace) -> Flask:
    return app_on(settings, backstage)


@pytest.fixture(scope="session")
def bytes_redis(flushed_redis_url: str) -> Iterator[Redis]:
    """The same, for values that are not text."""
    with Redis.from_url(flushed_redis_url) as redis:
        yield redis


@pytest.fixture(scope="module")
def built(app: Flask, backstage: SimpleNamespace, bytes_redis: Redis) -> tuple[Scene, Stored]:
    """The scene, which is built once, as that takes longer than a test, and its stored data."""
    vars(backstage).update(publish_ids=RecordedIds(), recoveries=PublishedRecoveries(), names=KnownNames())
    backstage.redis.flushdb()
    scene = Scene(Api(app), backstage.redis)
    stored = [(key, bytes_redis.pttl(key), bytes_redis.dump(key)) for key in bytes_redis.scan_iter()]
    return scene, [(key, max(0, ttl), value) for key, ttl, value in stored if value is not None]


@pytest.fixture
def scene(
    api: Api,  # noqa: ARG001  it empties the database
    built: tuple[Scene, Stored],
    bytes_redis: Redis,
) -> Scene:
    """The scene as it was built, restored after the changes of other tests."""
    scene, stored = built
    with bytes_redis.pipeline() as pipeline:
        for key, ttl, value in stored:
            pipeline.restore(key, ttl, value)
        pipeline.execute()
    return scene


@every_caller
@pytest.mark.parametrize(
    "query", ["", "limit=1", "action=social", "state=exhausted", "statusClass=5xx", "since=2026-01-05", "limit=3"]
)
def test_a_list_contains_only_ones_own_deliveries(scene: Scene, name: str, query: str) -> None:
    pages = list(scene.pages(name, query))
    assert {page.status for page in pages} == {200}
    assert set().union(*map(scene.whose, pages)) == VISIBLE[name]


@every_caller
@pytest.mark.parametrize("other", CALLERS)
def test_a_ref_id_gives_no_further_access(scene: Scene, name: str, other: str) -> None:
    ref_id = scene.callers[other].ref_id
    (answer,) = scene.pages(name, f"refId={ref_id}")
    if other in VISIBLE[name]:
        assert (answer.status, scene.whose(answer)) == (200, {other})
    else:
        assert (answer.status, answer.json["errors"]) == (400, {"refId": ["None of your profiles has it."]})
        assert scene.whose(answer) == set()


@every_caller
@pytest.mark.parametrize("other", CALLERS)
def test_a_cursor_gives_no_further_access(scene: Scene, name: str, other: str) -> None:
    """A cursor is only a position in one's own list."""
    (cursor,) = {page.json["cursor"] for page in list(scene.pages(other, "limit=1"))[:1]}
    answer = scene.callers[name].call("GET", f"{DELIVERIES}?cursor={cursor}")
    assert answer.status == 200
    assert scene.whose(answer) <= VISIBLE[name]


@every_caller
def test_a_history_contains_only_ones_own_profile(scene: Scene, name: str) -> None:
    for query in ("", "?action=social"):
        answer = scene.callers[name].call("GET", f"/api/hook/history{query}")
        assert (answer.status, scene.whose(answer)) == (200, {name})


@every_caller
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/hook/deliveries/{}"), ("POST", "/api/hook/deliveries/{}/resend")],
)
def test_a_foreign_delivery_is_unknown_and_stays_unchanged(
    scene: Scene, publish_ids: RecordedIds, name: str, method: str, path: str
) -> None:
    before = contents(scene.redis)
    unknown = scene.callers[name].call(method, path.format("neverHeardOf"))
    assert unknown.status == 404
    for other in scene.foreign(name):
        for hook_ids in (scene.ended, scene.owed):
            answer = scene.callers[name].call(method, path.format(hook_ids[other]))
            assert (answer.status, answer.json) == (404, unknown.json)
    assert contents(scene.redis) == before
    assert publish_ids.published == []


@every_caller
def test_a_recovery_redelivers_only_ones_own_deliveries(
    scene: Scene, publish_ids: RecordedIds, recoveries: PublishedRecoveries, name: str
) -> None:
    body = {"since": "2026-01-01", "until": "2027-01-01"}
    recovery_id = scene.callers[name].call("POST", "/api/hook/recover", json=body).json["id"]
    store = scene.store
    RecoveryRunner(store.records, store.recoveries, store.accounts, publish_ids, recoveries).make_steps(
        *recoveries.published.pop()
    )
    assert set(publish_ids.hook_ids) == {scene.ended[other] for other in VISIBLE[name]}
    for other in CALLERS:
        state = State.QUEUED if other in VISIBLE[name] else State.EXHAUSTED
        assert store.delivery(scene.ended[other]).state is state

    shown = {
        other: caller.call("GET", f"/api/hook/recover/{recovery_id}") for other, caller in scene.callers.items()
    }
    foreign = scene.foreign(name)
    assert {other for other, answer in shown.items() if answer.status == 404} == foreign
    assert {answer.json["done"] for other, answer in shown.items() if other not in foreign} == {len(VISIBLE[name])}


@every_caller
def test_a_test_event_goes_only_to_ones_own_webhook(scene: Scene, name: str) -> None:
    answer = scene.callers[name].call("POST", "/api/hook/webhook/test", json={"action": "social"})
    record = scene.store.record_of(answer.json["hookId"])
    assert record.delivery.profile == scene.callers[name].ref_id
    assert record.owner == record.delivery.account == scene.callers[name[:4]].ref_id


@every_caller
def test_a_list_of_feeds_contains_only_ones_own_profile(scene: Scene, name: str) -> None:
    answer = scene.callers[name].call("GET", FEED)
    assert (answer.status, scene.whose(answer)) == (200, {name})


@every_caller
def test_adding_the_feed_of_another_profile_creates_ones_own(scene: Scene, name: str) -> None:
    body = {"url": "https://feeds.example/", "type": "rss"}
    answer = scene.callers[name].call("POST", FEED, json=body)
    assert (answer.status, scene.whose(answer)) == (200, {name})


@every_caller
@pytest.mark.parametrize("other", CALLERS)
def test_a_feed_is_removed_only_by_its_own_profile(scene: Scene, name: str, other: str) -> None:
    """The feed of another profile is unknown, even within the account."""
    before = contents(scene.redis)
    answer = scene.callers[name].call("DELETE", FEED, json={"feedId": scene.feeds[other]})
    if name == other:
        assert answer.status == 200
        assert scene.callers[name].call("GET", FEED).json["feeds"] == []
    else:
        unknown = scene.callers[name].call("DELETE", FEED, json={"feedId": "neverHeardOf"})
        assert (answer.status, answer.json) == (404, unknown.json)
        assert contents(scene.redis) == before


@every_caller
@pytest.mark.parametrize("other", CALLERS)
def test_a_feed_is_changed_only_by_its_own_profile(scene: Scene, name: str, other: str) -> None:
    before = contents(scene.redis)
    body = {"id": scene.feeds[other], "type": "youtube"}
    answer = scene.callers[name].call("PUT", FEED, json=body)
    if name == other:
        assert (answer.status, answer.json["type"]) == (200, "youtube")
    else:
        unknown = scene.callers[name].call("PUT", FEED, json={**body, "id": "neverHeardOf"})
        assert (answer.status, answer.json) == (404, unknown.json)
        assert contents(scene.redis) == before


@every_caller
@pytest.mark.parametrize("other", [name for name in CALLERS if "'" in name])
@pytest.mark.parametrize(("method", "more"), [("PUT", {"title": "stolen"}), ("DELETE", {})])
def test_a_profile_key_in_the_body_gives_no_access_to_other_accounts(
    scene: Scene, name: str, other: str, method: str, more: dict[str, str]
) -> None:
    primary, before = scene.callers[name[:4]], contents(scene.redis)
    body = {"profileKey": scene.callers[other].profile_key, **more}
    answer = primary.call(method, "/api/profiles", json=body)
    if other in scene.foreign(name):
        assert (answer.status, scene.whose(answer)) == (403, set())
        assert contents_but_counts(scene.redis) == before
    else:
        assert (answer.status, scene.whose(answer)) == (200, {other})


@every_caller
def test_a_list_of_profiles_contains_only_ones_own_account(scene: Scene, name: str) -> None:
    """Whatever keys the query asks for."""
    keys = [caller.profile_key for caller in scene.callers.values() if caller.profile_key]
    asked = "&".join(f"profileKeys[{number}]={key}" for number, key in enumerate(keys))
    own = {other for other in CALLERS if "'" in other} - scene.foreign(name)
    for query in ("", f"?{asked}"):
        answer = scene.callers[name].call("GET", f"/api/profiles{query}")
        assert (answer.status, scene.whose(answer)) == (200, own)


@every_caller
@pytest.mark.parametrize("body", [{"secret": "the third"}, None], ids=["set", "end the grace"])
def test_a_secret_is_changed_only_for_ones_own_profile(
    scene: Scene, name: str, body: dict[str, str] | None
) -> None:
    for secret in ("the first", "the second"):
        for caller in scene.callers.values():
            caller.call("POST", "/api/hook/webhook/secret", json={"secret": secret})
    before = contents(scene.redis)
    caller = scene.callers[name]
    answer = caller.call("DELETE" if body is None else "POST", "/api/hook/webhook/secret", json=body)
    assert (answer.status, scene.whose(answer)) == (200, {name})
    after = contents(scene.redis)
    changed = {key for key in before if after.get(key) != before[key]}
    assert changed == {f"profile:{caller.ref_id}", f"oldSecret:{caller.ref_id}"}
    assert after.keys() <= before.keys()


def test_every_route_of_deliveries_feeds_and_secrets_is_among_the_cases(api: Api) -> None:
    """A new route must be added here."""
    tried = {
        *("GET /api/hook/deliveries", "GET /api/hook/deliveries/<hook_id>", "GET /api/hook/history"),
        *("POST /api/hook/deliveries/<hook_id>/resend", "POST /api/hook/webhook/test"),
        *("POST /api/hook/recover", "GET /api/hook/recover/<recovery_id>"),
        *("POST /api/hook/webhook/secret", "DELETE /api/hook/webhook/secret"),
        *("POST /api/feed", "GET /api/feed", "PUT /api/feed", "DELETE /api/feed"),
    }
    about: list[Any] = [
        f"{method} {rule.rule}"
        for rule in api.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if re.match(r"/api/hook/(?!webhook$)|/api/feed", rule.rule)
    ]
    assert set(about) == tried
