"""The one table of a run, and the same for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

WIDE: Final = 150


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside its yardstick; `more` tells whether a larger ratio is better.

    `value` is what floor and goal are about when it is not the ratio.
    """

    figure: str
    ours: str
    yardstick: str
    ratio: float
    floor: float | None
    goal: float | None
    more: bool = True
    note: str = ""
    value: float | None = None

    @property
    def verdict(self) -> str:
        """Return `ok` at the floor or better, `below` otherwise; where there is none, the goal."""
        limit = self.goal if self.floor is None else self.floor
        if limit is None:
            return ""
        value = self.ratio if self.value is None else self.value
        kept = value >= limit if self.more else value <= limit
        return "ok" if kept else "below"


def show(rows: Sequence[Row], title: str, ours: str = "ours", other: str = "yardstick") -> None:
    """Print the table, and one line of JSON after it."""
    table = Table(title=title)
    for name in ("figure", ours, other, "ratio", "floor", "goal", "", "noise"):
        table.add_column(name, justify="left" if name in {"figure", "noise"} else "right")
    for row in rows:
        sign = "≥" if row.more else "≤"
        limits = ("" if one is None else f"{sign} {one:g}" for one in (row.floor, row.goal))
        table.add_row(
            row.figure, row.ours, row.yardstick, f"{row.ratio:.2f}", *limits, row.verdict, row.note
        )
    Console(width=WIDE).print(table)
    print(json.dumps([asdict(row) | {"verdict": row.verdict} for row in rows], ensure_ascii=False))
