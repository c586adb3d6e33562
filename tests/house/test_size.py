"""Rooms stay small and are called what they are, so that a stranger finds them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("careloop", "services", "shared", "standalone")

FILE_LINES = 250
FUNCTION_LINES = 40
"""Without its docstring; more than a screen is read in two goes and understood in none."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

SAYING_NOTHING = {"utils", "util", "helpers", "common", "manager", "base", "core", "misc"}


def modules() -> Iterator[Path]:
    """Give every module that a person wrote; migrations are written by comparison."""
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.parent.name.endswith("migrations"):
                yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give the name of each function and the lines that it takes, those inside it not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            first = node.body[0]
            described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = lines(first) if described else 0
            inner = sum(lines(child) for child in node.body if isinstance(child, Function))
            yield node.name, lines(node) - docstring - inner


def lines(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {name}": count
        for path in modules()
        for name, count in functions(path)
        if count > FUNCTION_LINES
    }
    assert long == {}


def test_every_room_has_a_name_that_says_what_is_in_it() -> None:
    nameless = {
        str(path.relative_to(ROOT))
        for path in modules()
        if SAYING_NOTHING & {path.stem, *path.relative_to(ROOT).parent.parts}
    }
    assert nameless == set()
