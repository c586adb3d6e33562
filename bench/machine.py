"""The machine of a run: which core does what, and who used how much processor time."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

APPLICATION_CORE: Final = 0
OTHER_CORE: Final = 1
"""Load, PostgreSQL and RabbitMQ share it, so that they never take time from what is measured."""

TICKS: Final = os.sysconf("SC_CLK_TCK")
PROC: Final = Path("/proc")


def pin(pid: int, core: int) -> None:
    """Bind a process, and the children that it will have, to one core."""
    os.sched_setaffinity(pid, {core})


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process, its reaped children included."""
    return sum(int(ticks) for ticks in _stat(pid)[11:15]) / TICKS


def family(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
            except OSError:  # it ended meanwhile
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


@dataclass
class Meter:
    """Measures a stretch of time: `with Meter(app=pid) as meter`.

    `seconds` by the wall clock, `used` processor seconds by name, `foreign` the cores that
    processes which are not of this run kept busy meanwhile.
    """

    processes: dict[str, int]
    seconds: float = 0.0
    used: dict[str, float] = field(default_factory=dict)
    foreign: float = 0.0

    def __enter__(self) -> Self:
        self._family = family(os.getpid())
        self._began = time.perf_counter()
        self._busy = _busy_seconds()
        self._own = _cpu_of(self._family)
        self.used = {name: _tree_seconds(pid) for name, pid in self.processes.items()}
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        self.used = {
            name: _tree_seconds(pid) - self.used[name] for name, pid in self.processes.items()
        }
        busy, own = _busy_seconds() - self._busy, _cpu_of(family(os.getpid())) - self._own
        self.foreign = max(0.0, (busy - own) / self.seconds)


def _tree_seconds(root: int) -> float:
    return _cpu_of(family(root))


def _cpu_of(pids: list[int]) -> float:
    total = 0.0
    for pid in pids:
        try:
            total += cpu_seconds(pid)
        except OSError:  # it ended meanwhile: its parent has reaped its time
            continue
    return total


def _stat(pid: int) -> list[str]:
    return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()


def _busy_seconds() -> float:
    """Return the processor time that the whole machine has used since it started."""
    fields = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / TICKS
