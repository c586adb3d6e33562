"""Every problem that somebody may get has a title, and no title waits for a problem."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from shared.http.problem_titles import TITLES
from shared.http.problems import CODES, STATUSES
from standalone.compose import NAMES

ROOT = Path(__file__).parents[2]

PLACES = {"ProblemError": 1, "problem": 2, **dict.fromkeys((kind.__name__ for kind in STATUSES), 0)}
"""Which argument is the code, by what is called."""


def codes(folder: str) -> set[str]:
    """Return the codes that are raised or answered below a folder."""
    return {
        code
        for path in sorted((ROOT / folder).rglob("*.py"))
        for code in codes_in(ast.parse(path.read_text(encoding="utf-8")))
    }


def codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {
            *PLACES
        }:
            yield from (text(call, 0) for call in calls(node) if says_init(call))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = PLACES.get(node.func.id)
            if place is not None and isinstance(node.args[place], ast.Constant):
                yield text(node, place)


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (below for below in ast.walk(node) if isinstance(below, ast.Call))


def says_init(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "super().__init__"


def text(call: ast.Call, place: int) -> str:
    code = call.args[place]
    assert isinstance(code, ast.Constant)
    assert isinstance(code.value, str)
    return code.value


def titles(service: str) -> dict[str, Any]:
    return dict(import_module(f"services.{service}.problems").TITLES)


def test_every_code_that_the_ground_answers_with_has_a_title() -> None:
    assert (codes("shared") | set(CODES.values())) - set(TITLES) == set()


@pytest.mark.parametrize("service", NAMES)
def test_every_code_that_a_service_answers_with_has_a_title(service: str) -> None:
    assert codes(f"services/{service}") - set(titles(service)) - set(TITLES) == set()


@pytest.mark.parametrize("service", NAMES)
def test_no_title_of_a_service_waits_for_a_code_that_nobody_raises(service: str) -> None:
    assert set(titles(service)) - codes(f"services/{service}") == set()


def test_no_common_title_waits_for_a_code_that_nobody_raises() -> None:
    assert set(TITLES) - codes("shared") - codes("services") - set(CODES.values()) == set()


@pytest.mark.parametrize("service", NAMES)
def test_a_common_code_has_its_title_once(service: str) -> None:
    assert set(titles(service)) & set(TITLES) == set()


def test_a_code_is_seen_however_it_is_raised() -> None:
    tree = ast.parse(
        "class TornError(ConflictError):\n"
        "    def __init__(self): super().__init__('torn', 'It is torn.')\n"
        "def f():\n"
        "    raise NotFoundError('lost', 'It is lost.')\n"
        "    raise ProblemError(400, 'odd', 'It is odd.')\n"
        "    return problem(request, 503, 'away', 'It is away.')\n"
    )
    assert set(codes_in(tree)) == {"torn", "lost", "odd", "away"}
