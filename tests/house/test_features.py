"""`docs/features.md` says what works, and each of its lines has a test that proves it.

A line is `| ID | what works | tests/…::test_… |`; the test carries `@pytest.mark.feature("ID")`.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(
    r"^\| *(?P<id>[A-Z]+-?\d+[a-z]?) *\|(?P<sentence>[^|]+)\| *`?(?P<test>[^|`]+?)`? *\|"
)
FEATURE_MARK = re.compile(r"\bmark\.feature\('([^']+)'\)")


def listed() -> dict[str, list[str]]:
    """Return the tests that the document names, by the ID that they prove."""
    found: dict[str, list[str]] = defaultdict(list)
    document = ROOT / "docs/features.md"
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    for line in text.splitlines():
        matched = LINE.match(line)
        if matched:
            assert matched["sentence"].strip(), f"{matched['id']} says nothing"
            found[matched["id"]].append(matched["test"])
    return found


def marked(session: pytest.Session) -> dict[str, set[str]]:
    """Return the tests that this run has collected, by the ID with which they are marked."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in session.items:
        for mark in item.iter_markers("feature"):
            for feature in mark.args:
                found[feature].add(item.nodeid.partition("[")[0])
    return found


def marked_elsewhere() -> dict[str, set[str]]:
    """Return the tests of `make faults` by the ID with which they are marked.

    They are read and not collected, because they are not part of this run.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests/faults").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for feature in FEATURE_MARK.findall("".join(map(ast.unparse, node.decorator_list))):
                    found[feature].add(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def is_whole(config: pytest.Config) -> bool:
    """Return whether this run was asked for everything."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return everything and not config.option.keyword and not config.option.markexpr


def test_every_feature_that_a_test_proves_stands_in_the_list(
    request: pytest.FixtureRequest,
) -> None:
    proven = set(marked(request.session)) | set(marked_elsewhere())
    assert proven - set(listed()) == set()


def test_every_listed_feature_has_a_test_that_proves_it(request: pytest.FixtureRequest) -> None:
    if not is_whole(request.config):
        pytest.skip("only a run of the whole suite has collected the tests of every feature")
    proven, elsewhere = marked(request.session), marked_elsewhere()
    unproven = {
        f"{feature}: {test}"
        for feature, tests in listed().items()
        for test in tests
        if test not in proven[feature] | elsewhere[feature]
    }
    assert unproven == set()
