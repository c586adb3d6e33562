"""Who answers for something: the nearest duty, then the nearest supervisor, then a manager."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Duty:
    """A person and a deputy for a category, a unit, or a category in a unit."""

    category_id: UUID | None
    org_unit_id: UUID | None
    responsible_id: UUID
    deputy_id: UUID | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everybody who may be asked: live duties, who is at work, who supervises which units.

    `supervisors` and `managers` are at work.
    """

    duties: Collection[Duty]
    at_work: frozenset[UUID]
    supervisors: Mapping[UUID, frozenset[UUID]]
    managers: frozenset[UUID]


def owner_at(
    desk: Desk, *, categories: Sequence[UUID], units: Sequence[UUID], level: int
) -> UUID | None:
    """Return who answers at a level, None when nobody is there at all.

    `categories` and `units` lead from the top down to what it is about. Level 1 is the nearest
    one; each further level begins one unit higher and passes over whoever had it before.
    """
    before: list[UUID] = []
    for step in range(level):
        reached = units[: max(0, len(units) - step)]
        found = _candidates(desk, categories if step == 0 else (), reached)
        owner = next((one for one in found if one not in before), None)
        if owner is None:
            break
        before.append(owner)
    else:
        return before[-1]
    return min(desk.managers, default=before[-1] if before else None)


def _candidates(desk: Desk, categories: Sequence[UUID], units: Sequence[UUID]) -> Iterator[UUID]:
    """Give those who may be asked, the nearest first; with equal right the lowest id."""
    for duty in _ordered(desk.duties, categories, units):
        for person in (duty.responsible_id, duty.deputy_id):
            if person is not None and person in desk.at_work:
                yield person
    for unit in reversed(units):
        yield from sorted(who for who, led in desk.supervisors.items() if unit in led)
    yield from sorted(desk.managers)


def _ordered(
    duties: Collection[Duty], categories: Sequence[UUID], units: Sequence[UUID]
) -> list[Duty]:
    """Return the duties that fit, the most specific first."""
    fitting = [
        duty
        for duty in duties
        if (duty.category_id is None or duty.category_id in categories)
        and (duty.org_unit_id is None or duty.org_unit_id in units)
    ]

    def remoteness(duty: Duty) -> tuple[int, int, int]:
        unit = -1 if duty.org_unit_id is None else units.index(duty.org_unit_id)
        category = -1 if duty.category_id is None else categories.index(duty.category_id)
        kind = 2 if unit < 0 else 0 if category >= 0 else 1
        return kind, -unit, -category

    return sorted(fitting, key=remoteness)
