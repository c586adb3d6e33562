"""Hold the simulation's own book against what the system says."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careloop.simulation.people import Crew
from careloop.simulation.record import Record
from careloop.simulation.system import ServerError, System, wait_for


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true."""

    name: str
    expected: float | None
    found: float | None

    @property
    def holds(self) -> bool:
        """Return whether the system says what our book says."""
        if self.expected is None or self.found is None:
            return self.expected == self.found
        return math.isclose(self.expected, self.found, rel_tol=1e-9, abs_tol=1e-9)


async def verify(system: System, crew: Crew, record: Record, *, patience: float) -> list[Check]:
    """Return the checks, as soon as all hold, or as they stand after `patience` seconds."""
    found: list[Check] = []

    async def look() -> list[Check] | None:
        nonlocal found
        found = await _checks(system, crew, record)
        return found if all(check.holds for check in found) else None

    try:
        await wait_for(look, "the figures agree", patience)
    except ServerError:
        return found
    return found


async def _checks(system: System, crew: Crew, record: Record) -> list[Check]:
    books: Mapping[str, Any] = await system.get(crew.manager, "/books", org_unit_id=crew.team_id)

    async def figure(metric: str, field: str = "value") -> float | None:
        answer = await system.get(crew.manager, "/figures", metric=metric, org_unit_id=crew.team_id)
        value: float | None = answer["figure"][field]
        return value

    invited = record.closings - record.suppressed
    return [
        Check("closed cycles", record.closings, books["closed"]),
        Check("invitations", invited, books["invited"]),
        Check("suppressions", record.suppressed, books["suppressed"]),
        Check("completed", record.answered, books["completed"]),
        Check("still open", invited - record.answered, books["open"]),
        Check("differences in the books", 0, len(books["differences"])),
        Check("complaints counted", record.closings, await figure("complaint_count")),
        Check("answers counted", record.answered, await figure("csat_score", "n")),
        Check("CSAT score", record.csat(), await figure("csat_score")),
        Check("satisfaction rate", record.content(), await figure("satisfaction_rate")),
        Check("NPS", record.nps(), await figure("nps")),
        Check("first replies timed", record.closings, await figure("first_response_time", "n")),
    ]
