"""What the simulated customers say: rows of a file of reviews or of strange strings."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from shared.errors import InstallationError


@dataclass(frozen=True, slots=True)
class Complaint:
    """A text, and whether its author is content in the end (1) or not (0)."""

    text: str
    label: int


def read_complaints(path: Path, count: int) -> list[Complaint]:
    """Return `count` complaints of a CSV (text, label) or JSON lines (text or s); rows repeat.

    Strings without a label please and displease in turn. Raises InstallationError for an empty
    file.
    """
    rows = list(_rows(path))
    if not rows:
        msg = f"{path} has no rows"
        raise InstallationError(msg)
    return list(islice(cycle(rows), count or len(rows)))


def _rows(path: Path) -> Iterator[Complaint]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield Complaint(row["text"], int(row["label"]))
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            content = json.loads(line)
            yield Complaint(content.get("text", content.get("s", "")), number % 2)
