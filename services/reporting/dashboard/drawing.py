"""Lines of small charts as SVG paths, drawn by the server so that they need no script.

A drawing is 100 by 100 units and is stretched to its box; y counts downwards, as SVG does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Axis:
    """The values at the lower and the upper edge."""

    low: float
    high: float

    def y(self, value: float) -> float:
        """Return how far from the top a value stands."""
        return 100 * (self.high - value) / (self.high - self.low)


EVERYWHERE: Final = (-math.inf, math.inf)


def axis(
    values: Values, *, within: tuple[float, float] = EVERYWHERE, margin: float = 0.08
) -> Axis | None:
    """Return an axis with all values and a little air, but nothing that no value can reach.

    None where there are no values.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    air = (high - low) * margin or max(abs(high) * margin, 1.0)
    return Axis(max(low - air, min(low, within[0])), min(high + air, max(high, within[1])))


def _x(index: int, count: int) -> float:
    return 50.0 if count == 1 else 100 * index / (count - 1)


def _at(index: int, value: float, count: int, scale: Axis) -> str:
    return f"{_x(index, count):.2f} {scale.y(value):.2f}"


def line(values: Values, scale: Axis) -> str:
    """Return the path through the values; a gap interrupts it, a lone value is a dot."""
    pieces = []
    for run in _runs([value is not None for value in values]):
        points = [_at(i, v, len(values), scale) for i in run if (v := values[i]) is not None]
        pieces.append("M" + "L".join(points) + ("h0" if len(points) == 1 else ""))
    return "".join(pieces)


def dots(values: Values, scale: Axis) -> str:
    """Return a path of one dot a value: lines without length, which keep round when stretched."""
    return "".join(
        f"M{_at(i, value, len(values), scale)}h0"
        for i, value in enumerate(values)
        if value is not None
    )


def band(lows: Values, highs: Values, scale: Axis) -> str:
    """Return the area between two lines, where both are known."""
    count, pieces = len(lows), []
    known = [low is not None and high is not None for low, high in zip(lows, highs, strict=True)]
    for run in _runs(known):
        above = [_at(i, v, count, scale) for i in run if (v := highs[i]) is not None]
        below = [_at(i, v, count, scale) for i in reversed(run) if (v := lows[i]) is not None]
        pieces.append("M" + "L".join(above + below) + "Z")
    return "".join(pieces)


def _runs(known: Sequence[bool]) -> list[list[int]]:
    """Return the neighbouring indexes of what is known."""
    return [list(run) for yes, run in groupby(range(len(known)), known.__getitem__) if yes]
