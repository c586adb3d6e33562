"""What the simulated people did: the simulation's own book, from which it knows what is true."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

POINTS: Final = 20
"""Points of the CSAT score for each of the five levels."""

PROMOTER: Final = 9
DETRACTOR: Final = 6
CONTENT: Final = 4


class Ending(StrEnum):
    """How a simulated ticket ends."""

    ANSWERED = "answered"
    SILENT = "silent"
    SPAM = "spam"
    REFUSED = "refused"


@dataclass
class Record:
    """Counts of what was done; a refused complaint is one that the system would not take."""

    endings: Counter[Ending] = field(default_factory=Counter)
    satisfaction: list[int] = field(default_factory=list)
    recommend: list[int] = field(default_factory=list)

    @property
    def closings(self) -> int:
        """Return how many cycles were closed."""
        return sum(n for ending, n in self.endings.items() if ending is not Ending.REFUSED)

    @property
    def suppressed(self) -> int:
        """Return how many of them nobody is asked about."""
        return self.endings[Ending.SPAM]

    @property
    def answered(self) -> int:
        """Return how many surveys were answered."""
        return self.endings[Ending.ANSWERED]

    def csat(self) -> float | None:
        """Return the mean of 20 points a level."""
        return _mean([POINTS * level for level in self.satisfaction])

    def content(self) -> float | None:
        """Return the percentage of 4 and 5."""
        return _mean([100 if level >= CONTENT else 0 for level in self.satisfaction])

    def nps(self) -> float | None:
        """Return promoters less detractors, of a hundred."""
        return _mean(
            [100 * ((given >= PROMOTER) - (given <= DETRACTOR)) for given in self.recommend]
        )


def _mean(values: list[int]) -> float | None:
    return float(Fraction(sum(values), len(values))) if values else None
