"""The environment of the processes of `make run`."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from webhooks_local.certificates import ensure_certificates
from webhooks_local.run.environment import local_environment

REDIS = {"REDIS_URL": "redis://127.0.0.1:6379/0"}


def test_no_settings_are_required(var: Path) -> None:
    """With REDIS_URL, the local environment has all settings that Ringback needs."""
    settings = Settings.from_environment(local_environment({}, var) | REDIS)
    assert settings.admin_key.startswith("rb_admin_")


def test_only_the_address_of_the_local_receiver_is_allowed(var: Path) -> None:
    """Webhooks must not reach databases and consoles that listen on 127.0.0.1."""
    settings = Settings.from_environment(local_environment({}, var) | REDIS)
    assert [str(network) for network in settings.allowed_networks] == ["127.82.66.1/32"]


def test_allowed_networks_of_the_operator_are_kept(var: Path) -> None:
    """An empty value too."""
    for given in ("10.0.0.0/8", ""):
        assert local_environment({"WEBHOOKS_ALLOWED_NETWORKS": given}, var)["WEBHOOKS_ALLOWED_NETWORKS"] == given


def test_the_local_ca_is_added_to_the_bundle_of_the_operator(var: Path, tmp_path: Path) -> None:
    """Both are trusted. A second start with the resulting bundle leaves it unchanged."""
    given = ensure_certificates(tmp_path / "elsewhere").authority
    bundle = Path(local_environment({"WEBHOOKS_CA_BUNDLE": str(given)}, var)["WEBHOOKS_CA_BUNDLE"])
    assert bundle.read_text().count("BEGIN CERTIFICATE") == 2
    assert local_environment({"WEBHOOKS_CA_BUNDLE": str(bundle)}, var)["WEBHOOKS_CA_BUNDLE"] == str(bundle)


def test_a_missing_bundle_is_left_for_the_settings_to_refuse(var: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    assert local_environment({"WEBHOOKS_CA_BUNDLE": missing}, var)["WEBHOOKS_CA_BUNDLE"] == missing
