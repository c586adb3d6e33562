"""The fields of the page's filter form."""

from collections.abc import Iterable, Mapping, Sequence

from services.reporting.dashboard.formats import said
from services.reporting.dashboard.labels import (
    CHANNELS,
    EVERY_CHANNEL,
    EVERY_UNIT,
    FIELDS,
    KINDS,
    OWN_UNITS,
    PRIORITIES,
    TIERS,
)
from services.reporting.dashboard.span_rules import NAMES, Span
from services.reporting.dashboard.view import Filter, Language, Option
from services.reporting.directory.queries import Category, Unit
from services.reporting.figures.metric_rules import Bilingual
from services.reporting.figures.scope import Scope


def filters_of(
    scope: Scope,
    span: Span,
    language: Language,
    units: Sequence[Unit],
    categories: Sequence[Category],
) -> tuple[Filter, ...]:
    """Return the fields with what is chosen; units only those whose figures may be seen."""
    part = scope.part
    every_unit = EVERY_UNIT if scope.units is None else OWN_UNITS
    names = _category_names(categories)

    def field(
        name: str, options: Iterable[Option], chosen: object = None, *, main: bool = False
    ) -> Filter:
        selected = "" if chosen is None else str(chosen)
        return Filter(name, said(FIELDS[name], language), tuple(options), selected, main)

    def coded(labels: Mapping[str, Bilingual]) -> list[Option]:
        return [Option(code, said(label, language)) for code, label in labels.items()]

    return (
        field("period", (Option(s, said(NAMES[s], language)) for s in Span), span, main=True),
        field(
            "org_unit_id",
            [Option("", said(every_unit, language)), *_units(scope, units)],
            part.org_unit_id,
            main=True,
        ),
        field(
            "channel",
            [Option("", said(EVERY_CHANNEL, language)), *coded(CHANNELS)],
            part.channel,
            main=True,
        ),
        field("kind", coded(KINDS), part.kind),
        field("category_id", coded(names), part.category_id),
        field("priority", coded(PRIORITIES), part.priority),
        field("tier", coded(TIERS), part.tier),
    )


def _category_names(categories: Sequence[Category]) -> dict[str, Bilingual]:
    """Return the categories by their names from the top down, each after the one above it."""
    known = {category.id: category for category in categories}
    order = {category.id: number for number, category in enumerate(categories)}
    lines = {one.id: [id for id in one.path if id in known] for one in categories}
    return {
        str(id): Bilingual(
            " / ".join(known[above].name_zh for above in line),
            " / ".join(known[above].name_en for above in line),
        )
        for id, line in sorted(lines.items(), key=lambda item: [order[id] for id in item[1]])
    }


def _units(scope: Scope, units: Sequence[Unit]) -> list[Option]:
    """Return the units by their names below the company, which all have in common."""
    names = {unit.id: unit.name for unit in units}
    return [
        Option(str(unit.id), " / ".join(names.get(id, "…") for id in unit.path[1:]) or unit.name)
        for unit in units
        if scope.units is None or scope.units & set(unit.path)
    ]
