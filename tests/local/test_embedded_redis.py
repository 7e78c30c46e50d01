"""The embedded Redis, with a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from webhooks_local.embedded_redis import EmbeddedRedis, RedisFailedError

PASSWORD = 'spaces, "quotes" and @'


def test_data_survives_a_restart(tmp_path: Path) -> None:
    """Owed deliveries survive a stop of `make run`, also in a directory with special characters in its name."""
    directory = tmp_path / 'my "checkout"' / "redis"
    with EmbeddedRedis(directory, PASSWORD) as first, redis.Redis.from_url(first.url) as client:
        client.set("owed", "a delivery")
    with EmbeddedRedis(directory, PASSWORD) as second, redis.Redis.from_url(second.url) as client:
        assert client.get("owed") == b"a delivery"


def test_redis_needs_its_password_and_evicts_nothing(tmp_path: Path) -> None:
    """Other users can reach the port but not log in. A full Redis refuses writes instead of evicting keys."""
    with EmbeddedRedis(tmp_path, PASSWORD) as server:
        without_password = f"redis://{server.url.rpartition('@')[2]}"
        with redis.Redis.from_url(without_password) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_no_command_line_shows_the_password(tmp_path: Path) -> None:
    """Every user of a machine can read command lines."""
    with EmbeddedRedis(tmp_path, "open-sesame"):
        command_lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
        assert any(b"127.0.0.1:" in command_line for command_line in command_lines)
        assert not any(b"open-sesame" in command_line for command_line in command_lines)


def test_a_failed_start_raises_the_end_of_the_log(tmp_path: Path) -> None:
    """The server is stopped."""
    (tmp_path / "appendonlydir").write_text("not a directory")
    with pytest.raises(RedisFailedError, match="open or create append-only dir"):
        EmbeddedRedis(tmp_path, PASSWORD).start()
