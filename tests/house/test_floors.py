"""The floors that `.importlinter` cannot see: it knows modules by name, not by what they are.

A capability is a folder of a service. Its doors (HTTP, messages, time, pages) call use cases, use
cases call queries and tables, and the rules below know nobody.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

import services

FLOORS = {
    "door": {"api", "handlers", "sweeps", "pages"},
    "shapes": {"schemas"},
    "store": {"queries", "tables"},
}
OUTSIDE = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time"}
"""Parts of the standard library that a rule must be handed the results of."""

PURE_GROUND = ("shared.statistics", "shared.errors", "shared.masking")
"""What of `shared` is as pure as a rule."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared", include_external_packages=True)


def floor(module: str) -> str:
    """Return the floor of a module of a capability; what is above all capabilities is `service`."""
    parts = module.split(".")
    if len(parts) < 4:
        return "service" if len(parts) == 3 and parts[2] in {"service", "app"} else "folder"
    kind = parts[3].rpartition("_")[2]  # moves_api is a door too
    if is_rule(module):
        return "rules"
    return next((floor for floor, kinds in FLOORS.items() if kind in kinds), "use case")


def is_rule(module: str) -> bool:
    name = module.rpartition(".")[2]
    return name in {"rules", "vocabulary"} or name.endswith("_rules")


def imports(graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
    """Give every import of one module of a service by another, tests and migrations aside."""
    for module in sorted(graph.modules):
        if module.startswith("services."):
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                if imported.startswith("services."):
                    yield module, imported


def one_door(module: str, imported: str) -> bool:
    """Return whether both are files of one door that is a folder, such as `pages`."""
    return module.split(".")[:4] == imported.split(".")[:4]


FORBIDDEN = {
    ("door", "door"),
    ("shapes", "door"),
    ("use case", "door"),
    ("use case", "shapes"),
    ("store", "door"),
    ("store", "shapes"),
    ("store", "use case"),
    ("rules", "door"),
    ("rules", "shapes"),
    ("rules", "store"),
}


def test_no_module_calls_upstairs(graph: grimp.ImportGraph) -> None:
    wrong = [
        f"{module} ({floor(module)}) imports {imported} ({floor(imported)})"
        for module, imported in imports(graph)
        if ((floor(module), floor(imported)) in FORBIDDEN and not one_door(module, imported))
        or (floor(imported) == "service" and floor(module) not in {"service", "folder"})
    ]
    assert wrong == []


def test_capabilities_of_a_service_form_no_circle(graph: grimp.ImportGraph) -> None:
    below: dict[str, set[str]] = {}
    for module, imported in imports(graph):
        above, under = capability(module), capability(imported)
        if above and under and above != under:
            below.setdefault(above, set()).add(under)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(below.get(start, ()))
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting.extend(below.get(one, ()))
        return seen

    assert [one for one in sorted(below) if one in reached(one)] == []


def capability(module: str) -> str | None:
    parts = module.split(".")
    folder = Path(*parts[:3])
    root = Path(__file__).parents[2]
    return ".".join(parts[:3]) if len(parts) > 2 and (root / folder).is_dir() else None


def test_rules_reach_nothing_that_acts(graph: grimp.ImportGraph) -> None:
    wrong: list[str] = []
    for rule in sorted(m for m in graph.modules if m.startswith("services.") and is_rule(m)):
        seen, waiting = {rule}, [rule]
        while waiting:
            module = waiting.pop()
            for imported in graph.find_modules_directly_imported_by(module):
                if imported.startswith("services."):
                    if imported not in seen:
                        seen.add(imported)
                        waiting.append(imported)
                elif not harmless(imported):
                    wrong.append(f"{rule} reaches {imported} through {module}")
    assert wrong == []


def harmless(module: str) -> bool:
    top = module.partition(".")[0]
    if module.startswith(PURE_GROUND):
        return True
    return top in sys.stdlib_module_names and top not in OUTSIDE


def test_services_come_from_one_checkout() -> None:
    folders = {Path(folder).resolve() for folder in services.__path__}
    assert folders == {Path(__file__).parents[2] / "services"}


def test_no_installed_package_is_called_like_ours() -> None:
    root = Path(__file__).parents[2]
    ours = {"careloop", "services", "shared", "standalone", "tests"}
    elsewhere = [
        str(Path(entry, name))
        for entry in sys.path
        if entry and Path(entry).resolve() != root
        for name in ours
        if Path(entry, name).is_dir()
    ]
    assert elsewhere == []
