"""Find the units and categories that a source names; make those that are missing when told to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.tickets.categories.keep_category import add_category
from services.tickets.categories.queries import Category, all_categories
from services.tickets.directory.keep_directory import add_unit
from services.tickets.directory.queries import OrgUnit, all_units
from services.tickets.directory.rules import UnitKind
from services.tickets.history.line_rules import LineError
from services.tickets.history.vocabulary import Remark
from shared.database import Session
from shared.messages.contract import Origin


@dataclass(slots=True)
class Places:
    """Units and categories by what a source calls them; `make` is whether missing ones are made."""

    units: dict[str, list[OrgUnit]]
    categories: dict[tuple[UUID | None, str], Category]
    root: OrgUnit | None
    make: bool

    def unit(self, name: str | None) -> OrgUnit | None:
        """Return a unit. Raises LineError when there is none, or more than one of the name."""
        if name is None:
            return None
        found = self.units.get(name, [])
        if len(found) != 1:
            raise LineError(Remark.UNIT_AMBIGUOUS if found else Remark.UNIT_UNKNOWN)
        return found[0]

    def category(self, path: tuple[str, ...]) -> Category | None:
        """Return a category by its path. Raises LineError when there is none."""
        found: Category | None = None
        for name in path:
            found = self.categories.get((found.id if found else None, name))
            if found is None:
                raise LineError(Remark.CATEGORY_UNKNOWN)
        return found

    async def make_units(self, session: Session, names: Iterable[str], now: datetime) -> None:
        """Make the teams that are missing, below the company."""
        if not self.make or self.root is None:
            return
        for name in sorted(set(names) - self.units.keys()):
            unit = await add_unit(
                session,
                name=name,
                kind=UnitKind.TEAM,
                parent_id=self.root.id,
                now=now,
                origin=Origin.IMPORT,
            )
            self.units[name] = [unit]

    async def make_categories(
        self, session: Session, paths: Iterable[tuple[str, ...]], now: datetime
    ) -> None:
        """Make the categories that are missing, each below its parent."""
        if not self.make:
            return
        for path in sorted(set(paths)):
            above: Category | None = None
            for name in path:
                key = (above.id if above else None, name)
                if key not in self.categories:
                    self.categories[key] = await add_category(
                        session, name=name, above=above, now=now, origin=Origin.IMPORT
                    )
                above = self.categories[key]


async def places(session: Session, *, make: bool) -> Places:
    """Return the units and categories that there are now."""
    units: defaultdict[str, list[OrgUnit]] = defaultdict(list)
    root = None
    for unit in await all_units(session):
        if unit.valid_to is None:
            units[unit.name].append(unit)
            root = root or (unit if unit.parent_id is None else None)
    categories: dict[tuple[UUID | None, str], Category] = {}
    for one in await all_categories(session):
        for name in (one.name_zh, one.name_en):
            categories.setdefault((one.parent_id, name), one)
    return Places(dict(units), categories, root, make)
