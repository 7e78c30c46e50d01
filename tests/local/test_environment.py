"""What the processes of `make run` find in their environment."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from webhooks_local.certificates import ensure_certificates
from webhooks_local.run.environment import local_environment

REDIS = {"REDIS_URL": "redis://127.0.0.1:6379/0"}


def test_nothing_has_to_be_set(var: Path) -> None:
    """With a Redis, the result is all that Ringback needs."""
    settings = Settings.from_environment(local_environment({}, var) | REDIS)
    assert settings.admin_key.startswith("rb_admin_")


def test_only_the_demos_receiver_is_allowed(var: Path) -> None:
    """Databases and consoles listen on 127.0.0.1; webhooks of a laptop must not reach them either."""
    settings = Settings.from_environment(local_environment({}, var) | REDIS)
    assert [str(network) for network in settings.allowed_networks] == ["127.82.66.1/32"]


def test_networks_of_the_operators_stay_as_they_are(var: Path) -> None:
    """Even if they are none."""
    for theirs in ("10.0.0.0/8", ""):
        assert local_environment({"WEBHOOKS_ALLOWED_NETWORKS": theirs}, var)["WEBHOOKS_ALLOWED_NETWORKS"] == theirs


def test_a_bundle_of_the_operators_gets_the_local_authority(var: Path, tmp_path: Path) -> None:
    """Both are trusted, and a second start with the result does not make it grow."""
    theirs = ensure_certificates(tmp_path / "elsewhere").authority
    bundle = Path(local_environment({"WEBHOOKS_CA_BUNDLE": str(theirs)}, var)["WEBHOOKS_CA_BUNDLE"])
    assert bundle.read_text().count("BEGIN CERTIFICATE") == 2
    assert local_environment({"WEBHOOKS_CA_BUNDLE": str(bundle)}, var)["WEBHOOKS_CA_BUNDLE"] == str(bundle)


def test_a_bundle_that_is_not_there_is_left_for_the_check_of_settings(var: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    assert local_environment({"WEBHOOKS_CA_BUNDLE": missing}, var)["WEBHOOKS_CA_BUNDLE"] == missing
