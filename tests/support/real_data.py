"""Rows that nobody here wrote; they and their licences are not part of this repository."""

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared/data"
MAPPINGS = Path(__file__).resolve().parents[2] / "services/tickets/history/mappings"


def real(name: str) -> Path:
    """Return a file of the data; skips the test where they are not."""
    folder = Path(os.environ.get("CARELOOP_TEST_DATA") or BESIDE)
    if not (folder / name).exists():
        pytest.skip(f"{name} is not here: set CARELOOP_TEST_DATA to the folder with the real data")
    return folder / name


def expected(name: str) -> Any:
    """Return figures that were computed elsewhere, by other programs, from the same rows."""
    return json.loads(real(f"expected/{name}.json").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file."""
    with real(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mapping(name: str) -> str:
    """Return a mapping that is shipped as an example."""
    return (MAPPINGS / f"{name}.json").read_text(encoding="utf-8")


def nearest_rank(ordered: Sequence[float], per_cent: int) -> float:
    """Return the smallest value with at least this share of the values at or below it."""
    return ordered[-(-per_cent * len(ordered) // 100) - 1]
