"""The files for production agree with the project, although none of its code reads them."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from honcho.environ import parse_procfile

from config.settings import DEFAULTS, Settings, SettingsError
from webhooks_api.app import create_app
from webhooks_worker.worker import STOP_MARGIN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/running.md").read_text()
UNITS = ROOT / "deploy/systemd"
MANIFESTS = ROOT / "deploy/kubernetes"
SECRET = MANIFESTS / "secret.yaml.example"
PROCFILE: dict[str, str] = parse_procfile((ROOT / "Procfile").read_text()).processes
SERVICES = {"web": "ringback-web.service", "worker": "ringback-worker@.service", "beat": "ringback-beat.service"}
#: The seconds that a process may take to stop: calls of a worker take up to the default timeout, and Celery a
#: moment.
MAX_STOP = 15
REQUIRED = set(re.findall(r'required\("(\w+)"', (ROOT / "config/settings.py").read_text()))


def unit(name: str) -> dict[str, list[str]]:
    """Return the settings of a unit."""
    settings: dict[str, list[str]] = {}
    for line in (UNITS / SERVICES[name]).read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings.setdefault(key, []).append(value)
    return settings


def example_environment(prefix: str = "") -> dict[str, str]:
    text = (UNITS / "ringback.env.example").read_text()
    return {name: value.strip('"') for name, value in re.findall(rf"^{prefix}([A-Z_]+)=(.*)$", text, re.MULTILINE)}


def seconds(text: str | float) -> float:
    return float(text)


@pytest.fixture(scope="module")
def manifests() -> dict[tuple[str, str], Any]:
    """Every object by kind and name."""
    yaml: Any = pytest.importorskip("yaml")
    files = [*MANIFESTS.glob("*.yaml"), SECRET]
    objects = [one for file in files for one in yaml.safe_load_all(file.read_text())]
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


@pytest.fixture
def pod(manifests: dict[tuple[str, str], Any], name: str) -> Any:
    return manifests["Deployment", f"ringback-{name}"]["spec"]["template"]["spec"]


def every_container(manifests: dict[tuple[str, str], Any]) -> Iterator[Any]:
    for (kind, _), one in manifests.items():
        if kind == "Deployment":
            yield from one["spec"]["template"]["spec"]["containers"]


every_process = pytest.mark.parametrize("name", sorted(SERVICES))


def test_each_line_of_the_procfile_has_a_service() -> None:
    assert set(SERVICES) == set(PROCFILE)
    assert {file.name for file in UNITS.glob("*.service")} == set(SERVICES.values())


@every_process
def test_a_service_runs_the_line_of_the_procfile(name: str) -> None:
    assert unit(name)["ExecStart"] == [f"/opt/ringback/.venv/bin/{PROCFILE[name]}"]
    assert not set("%$\\\"'") & set(PROCFILE[name])  # systemd has its own syntax


@every_process
def test_a_service_has_enough_time_to_stop(name: str) -> None:
    assert seconds(unit(name)["TimeoutStopSec"][0]) > MAX_STOP
    assert unit(name)["KillMode"] == ["mixed"]


def test_a_service_may_stop_as_long_as_a_hanging_call_lasts() -> None:
    assert seconds(DEFAULTS["WEBHOOKS_TIMEOUT"]) + STOP_MARGIN < MAX_STOP


@every_process
def test_a_service_is_always_restarted(name: str) -> None:
    settings = unit(name)
    assert settings["Restart"] == ["always"]
    assert settings["StartLimitIntervalSec"] == ["0"]
    assert settings["PartOf"] == settings["WantedBy"] == ["ringback.target"]


def test_all_services_have_the_same_sandbox() -> None:
    own = {"Description", "ExecStart", "LimitNOFILE", "DefaultInstance"}
    web, worker, beat = ({key: value for key, value in unit(name).items() if key not in own} for name in SERVICES)
    assert web == worker == beat
    assert web["NoNewPrivileges"] == web["PrivateTmp"] == ["yes"]


def test_the_example_environment_names_every_setting() -> None:
    """Optional settings are comments with their defaults."""
    assert REQUIRED
    assert set(example_environment()) == REQUIRED
    assert example_environment(prefix="#") == DEFAULTS


def test_the_example_environment_does_not_start_unedited() -> None:
    with pytest.raises(SettingsError):
        Settings.from_environment(example_environment())


def test_the_image_has_the_commands_of_the_procfile() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^#   (.+)$", dockerfile, re.MULTILINE) == list(PROCFILE.values())
    assert not re.search(r"^(CMD|ENTRYPOINT)", dockerfile, re.MULTILINE)


def test_the_image_contains_no_local_tools() -> None:
    [words] = re.findall(r"pip uninstall --yes (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert words.split() == sorted(re.split(r"\W", requirement)[0] for requirement in extras["local"])


def test_the_image_contains_every_package_and_nothing_else() -> None:
    """The image must not contain the keys and data under var/."""
    first, *kept = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert first == "*"
    packages = {f"!{module.parent.name}" for module in ROOT.glob("*/__init__.py") if module.parent.name != "tests"}
    others = {"!client", "!LICENSE", "!README.md", "!pyproject.toml", "!requirements.txt", "**/__pycache__"}
    assert {package for package in packages if re.match("!(config|messaging|webhooks)", package)} | others == set(
        kept
    )


def test_the_manifests_contain_no_empty_secret() -> None:
    """`kubectl apply -f` on the folder would overwrite the real one."""
    assert not any("kind: Secret" in file.read_text() for file in MANIFESTS.glob("*.yaml"))


@every_process
def test_a_deployment_runs_the_line_of_the_procfile(pod: Any, name: str) -> None:
    [container] = pod["containers"]
    assert container["command"] == shlex.split(PROCFILE[name])
    assert "args" not in container


@every_process
def test_a_pod_has_enough_time_to_stop(pod: Any, name: str) -> None:  # noqa: ARG001  the pod asks for it
    before = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])
    assert pod["terminationGracePeriodSeconds"] - seconds(before[1]) > MAX_STOP


@every_process
def test_a_pod_has_a_restricted_security_context(pod: Any, name: str) -> None:  # noqa: ARG001  the pod asks for it
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()
    context = pod["containers"][0]["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert pod["containers"][0]["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108


def test_secret_and_config_map_have_all_required_settings(manifests: dict[tuple[str, str], Any]) -> None:
    secret = manifests["Secret", "ringback"]["stringData"]
    config = manifests["ConfigMap", "ringback"]["data"]
    assert set(secret) == REQUIRED
    assert set(config) <= set(DEFAULTS)
    assert config["WEBHOOKS_HOST"] == "0.0.0.0"  # noqa: S104  a container's own
    with pytest.raises(SettingsError):
        Settings.from_environment(secret | config)
    for container in every_container(manifests):
        assert container["envFrom"] == [
            {"configMapRef": {"name": "ringback"}},
            {"secretRef": {"name": "ringback"}},
        ]


def test_the_probes_use_routes_of_the_api(manifests: dict[tuple[str, str], Any], settings: Settings) -> None:
    routes = {rule.rule for rule in create_app(settings).url_map.iter_rules()}
    asked = {
        container[probe]["httpGet"]["path"]
        for container in every_container(manifests)
        for probe in ("readinessProbe", "livenessProbe")
        if "httpGet" in container.get(probe, {})
    }
    assert asked == {"/healthz", "/readyz"}
    assert asked <= routes


def test_the_service_and_the_budgets_select_their_pods(manifests: dict[tuple[str, str], Any]) -> None:
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for (kind, name), one in manifests.items()
        if kind == "Deployment"
    }
    assert manifests["Service", "ringback"]["spec"]["selector"] == labels["ringback-web"]
    for name in ("ringback-web", "ringback-worker"):
        budget = manifests["PodDisruptionBudget", name]
        assert budget["spec"]["selector"]["matchLabels"] == labels[name]


def test_every_event_on_the_page_is_logged_by_the_code() -> None:
    named = set(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", PAGE, re.MULTILINE))
    packages = ("config", "messaging", "webhooks", "webhooks_api", "webhooks_worker")
    sources = "".join(file.read_text() for package in packages for file in (ROOT / package).rglob("*.py"))
    assert named
    assert {event for event in named if f'"{event}"' not in sources} == set()


def test_every_file_on_the_page_exists() -> None:
    """Links to files outside docs/ work on both pages."""
    linked = set(re.findall(r"\]\(\.\./([\w./-]+)", PAGE)) | set(
        re.findall(r"\bdeploy/(?:systemd|kubernetes)/[\w.-]+\w", PAGE)
    )
    assert linked
    assert {file for file in linked if not (ROOT / file).exists()} == set()
