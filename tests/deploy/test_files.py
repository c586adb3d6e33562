"""What docker-compose.yml, the Dockerfile and nginx's configuration promise."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from careloop.files import all_services
from standalone.compose import NAMES
from standalone.gateway import owners

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, dict[str, Any]]] = {
    name: one for name, one in COMPOSE["services"].items() if "profiles" not in one
}
OURS: Final = [f"{name}-{role}" for name in NAMES for role in ("migrate", "api", "worker")]
RUNNING: Final = [name for name in OURS if not name.endswith("-migrate")]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()


def networks(name: str) -> set[str]:
    return set(SERVICES[name]["networks"])


@pytest.mark.feature("N-07")
def test_every_service_migrates_answers_and_works_in_containers_that_may_do_little() -> None:
    assert set(OURS) <= set(SERVICES)
    for name in OURS:
        service, role = SERVICES[name], name.rpartition("-")[2]
        assert service["command"][:2] == [role, name.rpartition("-")[0]]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service  # the image's, a number that is not root
        assert service["image"] == f"careloop/{name.rpartition('-')[0]}:${{VERSION:-dev}}"
    for name in (*RUNNING, "gateway", "postgres", "rabbitmq"):
        service = SERVICES[name]
        assert {"mem_limit", "cpus", "pids_limit", "stop_grace_period"} <= set(service)
        assert service["logging"]["options"]["max-size"]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
    assert {SERVICES[f"{name}-migrate"]["restart"] for name in NAMES} == {"on-failure"}
    assert SERVICES["rabbitmq"]["hostname"] == "rabbitmq"


def test_an_image_is_built_once_for_all_processes_of_its_service() -> None:
    built = {name: SERVICES[name]["build"]["args"]["SERVICE"] for name in OURS if builds(name)}
    assert built == {f"{name}-migrate": name for name in NAMES}
    assert {SERVICES[name]["pull_policy"] for name in OURS} == {"never"}


def builds(name: str) -> bool:
    return "build" in SERVICES[name]


def test_only_the_gateway_is_published_and_at_first_to_this_machine_alone() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(published) == {"gateway"}
    assert published["gateway"] == ["${HOST:-127.0.0.1}:${PORT:-8000}:8080"]
    assert SERVICES["gateway"].get("volumes") is None


def test_nobody_reaches_more_than_he_needs() -> None:
    inner = {name for name, one in COMPOSE["networks"].items() if one.get("internal")}
    assert {"origin", "ground"} <= inner
    assert not {"front", "outside"} & inner
    assert networks("gateway") == {"front", "origin"}
    assert networks("postgres") == networks("rabbitmq") == {"ground"}
    for name in OURS:
        wanted = {"ground"} | ({"origin"} if name.endswith("-api") else set())
        wanted |= {"outside"} if name == "integrations-worker" else set()
        assert networks(name) == wanted, name


def test_passwords_are_files_and_each_has_its_own_folder() -> None:
    given = {
        name: value
        for service in COMPOSE["services"].values()
        for name, value in service.get("environment", {}).items()
    }
    for name, value in given.items():
        assert not re.search(r"PASS|SECRET|KEY|TOKEN", name) or "/run/secrets" in value, name
        assert not re.search(r"://[^/@\s]*:[^/@\s]*@", str(value)), name
    assert SERVICES["postgres"]["environment"] == {
        "POSTGRES_PASSWORD_FILE": "/run/secrets/superuser"
    }
    assert "environment" not in SERVICES["rabbitmq"]
    for name in OURS:
        service = name.rpartition("-")[0]
        mounted = [volume.replace("${SECRETS:-./deploy/secrets}/", "") for volume in mounts(name)]
        signing = ["sign-in:/run/sign-in:ro"] if name == "integrations-api" else []
        assert mounted == [f"{service}:/run/secrets:ro", *signing]
        assert SERVICES[name]["environment"]["CARELOOP_SECRETS"] == "/run/secrets"


def mounts(name: str) -> list[str]:
    return list(SERVICES[name]["volumes"])


def test_secrets_and_data_stay_out_of_the_images() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    named = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert "*" in lines
    assert not [name for name in named if "secret" in name or name in {"deploy", ".", "*"}]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/deploy/secrets/", "/deploy/settings.env"} <= set(ignored)
    copied = re.findall(r"^COPY (?!--from)(?:--chmod=\d+ )?(.*?) \S+$", DOCKERFILE, re.MULTILINE)
    sources = " ".join(copied).replace("\\", "").split()
    for source in sources:
        assert any(source.startswith(name.rstrip("*")) for name in named), source


def test_an_image_is_built_with_the_tools_and_the_lock_of_the_house() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert re.findall(r"^ARG UV_VERSION=(\S+)$", DOCKERFILE, re.MULTILINE) == [version]
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert {*NAMES, "gateway"} <= set(groups)
    assert "--frozen" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"] * 2
    assert re.findall(r"^ENTRYPOINT (\S)", DOCKERFILE, re.MULTILINE) == ["[", "["]


def test_nginx_gives_every_path_to_the_service_that_the_one_process_gives_it_to() -> None:
    routes = (ROOT / "deploy/nginx/routes.conf").read_text()
    found = re.findall(r"location ~ (\S+) \{\n  set \$service (\w+)-api;", routes)
    assert [service for _, service in found] == list(NAMES)
    for words, owner in owners(all_services().values()).items():
        for path in (words, f"{words}/x"):
            assert [name for pattern, name in found if re.search(pattern, path)] == [owner], path
    for path in ("/metrics", "/livez", "/readyz", "/api/v1", "/api/v1/ticketsx"):
        assert not [name for pattern, name in found if re.search(pattern, path)], path


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
@pytest.mark.parametrize("script", ["deploy/nginx/start", "deploy/postgres/roles.sh"])
def test_the_scripts_are_ones_that_a_plain_shell_reads(script: str) -> None:
    subprocess.run(["sh", "-n", str(ROOT / script)], check=True)
    assert (ROOT / script).stat().st_mode & 0o111
