"""The two wheels: `ringback-client`, which producers install, and `ringback`, which depends on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Sequence
from email import message_from_string
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = {
    name: tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    for name, folder in {"ringback": ".", "ringback-client": "client"}.items()
}
#: The contents of the built packages: the folders that the image gets too.
FOLDERS = ("client", "config", "messaging", *(path.name for path in ROOT.glob("webhooks*")))
FILES = ("LICENSE", "README.md", "pyproject.toml")

CONSTRUCT_A_CLIENT = """
from webhooks_client import Client
with Client("https://ringback.example.com", "a-key") as client:
    print(client)
"""


def run(*command: str | Path) -> str:
    """Run a command whose Python does not find this checkout, and return its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def uv(*arguments: str | Path) -> str:
    return run(sys.executable, "-m", "uv", "--quiet", *arguments)


def new_environment(directory: Path) -> Path:
    """Create an empty virtual environment, and return the path of its Python."""
    uv("venv", "--python", sys.executable, directory)
    return directory / "bin/python"


def installed(python: Path) -> set[str]:
    return {line.partition("==")[0] for line in uv("pip", "freeze", "--python", python).splitlines()}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels by project, built from a copy, as building leaves files behind."""
    checkout, dist = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
        )
    for file in FILES:
        shutil.copy(ROOT / file, checkout)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", dist, checkout, checkout / "client")
    return {wheel.name.split("-")[0].replace("_", "-"): wheel for wheel in dist.iterdir()}


def files_in(wheel: Path) -> set[str]:
    """Return the files of a wheel without its metadata."""
    return {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}


def metadata_of(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_string(archive.read(name).decode())


def top_levels(wheel: Path) -> set[str]:
    return {name.partition("/")[0] for name in files_in(wheel)}


def files_of(folder: Path, packages: Sequence[str]) -> set[str]:
    """Return all files of these packages in a folder."""
    return {
        str(file.relative_to(folder))
        for package in packages
        for file in (folder / package).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


def test_both_projects_have_the_same_version() -> None:
    version = PROJECTS["ringback"]["version"]
    assert PROJECTS["ringback-client"]["version"] == version
    assert f"ringback-client=={version}" in PROJECTS["ringback"]["dependencies"]


def test_the_client_depends_on_requests_only(wheels: dict[str, Path]) -> None:
    (requirement,) = metadata_of(wheels["ringback-client"]).get_all("Requires-Dist", [])
    assert requirement.startswith("requests>=")


def test_the_wheels_contain_every_file_of_their_packages(wheels: dict[str, Path]) -> None:
    own = [folder for folder in FOLDERS if folder != "client"]
    assert files_in(wheels["ringback"]) == files_of(ROOT, own)
    assert files_in(wheels["ringback-client"]) == files_of(ROOT / "client", ["webhooks_client"])


def test_ringback_depends_on_the_client_and_does_not_contain_it(wheels: dict[str, Path]) -> None:
    requirement = f"ringback-client=={PROJECTS['ringback']['version']}"
    assert requirement in metadata_of(wheels["ringback"]).get_all("Requires-Dist", [])
    assert top_levels(wheels["ringback-client"]) == {"webhooks_client"}
    assert "webhooks_client" not in top_levels(wheels["ringback"])


def test_the_client_works_in_an_empty_environment(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = new_environment(tmp_path / "producer")
    try:
        uv("pip", "install", "--system-certs", "--python", python, *PROJECTS["ringback-client"]["dependencies"])
    except AssertionError as error:
        pytest.skip(f"no package index can be reached, so requests is not installed: {str(error).splitlines()[0]}")
    before = installed(python)
    uv("pip", "install", "--offline", "--python", python, wheels["ringback-client"])
    assert installed(python) - before == {f"ringback-client @ {wheels['ringback-client'].as_uri()}"}
    assert run(python, "-I", "-c", CONSTRUCT_A_CLIENT) == "Client('https://ringback.example.com')\n"


def test_the_command_line_works_with_both_wheels(wheels: dict[str, Path], tmp_path: Path) -> None:
    """The dependencies are those of this environment, without its .pth files, which link to the checkout."""
    python = new_environment(tmp_path / "operator")
    uv("pip", "install", "--offline", "--no-deps", "--python", python, *wheels.values())
    (site,) = (tmp_path / "operator").glob("lib/python*/site-packages")
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    script = "import webhooks, webhooks_client as client; print(webhooks.__file__, client.__file__)"
    assert all(Path(file).is_relative_to(site) for file in run(python, "-I", "-c", script).split())
    assert "For producers" in run(tmp_path / "operator/bin/webhooks", "--help")
