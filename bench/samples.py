"""Samples of figures, taken in rounds so that a noisy minute meets ours and the yardstick alike."""

import random
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a case: operations a second, and what one cost the application's core.

    `peak_bytes` is the most memory that its process had, where it had one of its own.
    """

    rate: float
    cpu_us: float
    foreign: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one case."""

    samples: Sequence[Sample]

    @property
    def rate(self) -> float:
        """Return the median of operations a second."""
        return statistics.median(one.rate for one in self.samples)

    @property
    def cpu_us(self) -> float:
        """Return the median of the processor time of one operation, in microseconds."""
        return statistics.median(one.cpu_us for one in self.samples)

    @property
    def spread(self) -> float:
        """Return how far the rates lie apart, as a part of their median."""
        rates = [one.rate for one in self.samples]
        return (max(rates) - min(rates)) / self.rate

    @property
    def foreign(self) -> float:
        """Return how many cores others kept busy meanwhile, on average."""
        return statistics.fmean(one.foreign for one in self.samples)


Case = Callable[[], Awaitable[Sample]]


async def in_rounds(cases: Mapping[str, Case], rounds: int) -> dict[str, Series]:
    """Run every case once a round, each round in another order; what is taken goes to stderr."""
    taken: dict[str, list[Sample]] = {name: [] for name in cases}
    for number in range(1, rounds + 1):
        for name in random.sample(list(cases), len(cases)):
            sample = await cases[name]()
            taken[name].append(sample)
            print(
                f"round {number} {name:20} {sample.rate:9.0f}/s {sample.cpu_us:7.0f} us"
                f"  foreign {sample.foreign:.2f}",
                file=sys.stderr,
                flush=True,
            )
    return {name: Series(samples) for name, samples in taken.items()}
