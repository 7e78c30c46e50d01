"""The embedded Redis, as the real server it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from webhooks_local.embedded_redis import EmbeddedRedis, RedisFailedError

PASSWORD = 'spaces, "quotes" and @'


def test_it_keeps_what_was_written_over_a_restart(tmp_path: Path) -> None:
    """Deliveries that are due survive `make run` being stopped; also in a directory with an awkward name."""
    directory = tmp_path / 'my "checkout"' / "redis"
    with EmbeddedRedis(directory, PASSWORD) as first, redis.Redis.from_url(first.url) as client:
        client.set("owed", "a delivery")
    with EmbeddedRedis(directory, PASSWORD) as second, redis.Redis.from_url(second.url) as client:
        assert client.get("owed") == b"a delivery"


def test_it_needs_its_password_and_never_forgets_by_itself(tmp_path: Path) -> None:
    """Others on the machine can reach the port and nothing else; a full Redis refuses, it never evicts."""
    with EmbeddedRedis(tmp_path, PASSWORD) as server:
        without_password = f"redis://{server.url.rpartition('@')[2]}"
        with redis.Redis.from_url(without_password) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_its_password_is_not_for_all_to_see(tmp_path: Path) -> None:
    """Command lines are public on a machine."""
    with EmbeddedRedis(tmp_path, "open-sesame"):
        shown = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
        assert any(b"127.0.0.1:" in command_line for command_line in shown)
        assert not any(b"open-sesame" in command_line for command_line in shown)


def test_it_says_why_it_did_not_start(tmp_path: Path) -> None:
    """The end of the log stands in the error, and nothing keeps running."""
    (tmp_path / "appendonlydir").write_text("not a directory")
    with pytest.raises(RedisFailedError, match="open or create append-only dir"):
        EmbeddedRedis(tmp_path, PASSWORD).start()
