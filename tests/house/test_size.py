"""Rooms stay small and are called what they are, so that a stranger finds them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("careloop", "services", "shared", "standalone")

FILE_LINES = 250
FUNCTION_LINES = 40
"""Without its docstring; more than a screen is read in two goes and understood in none."""

SAYING_NOTHING = {"utils", "util", "helpers", "common", "manager", "base", "core", "misc"}


def modules() -> Iterator[Path]:
    """Give every module that a person wrote; migrations are written by comparison."""
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.parent.name.endswith("migrations"):
                yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give the name of each function and the lines that it takes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if described else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {name}": lines
        for path in modules()
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    }
    assert long == {}


def test_every_room_has_a_name_that_says_what_is_in_it() -> None:
    nameless = {
        str(path.relative_to(ROOT))
        for path in modules()
        if SAYING_NOTHING & {path.stem, *path.relative_to(ROOT).parent.parts}
    }
    assert nameless == set()
