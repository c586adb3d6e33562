"""Named reads and writes of the loop cases that are open."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, delete
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.reporting.facts.loop_rules import LoopFact
from services.reporting.facts.routing_rules import Fact
from services.reporting.facts.tables import open_cases
from shared.database import Session

KEPT = tuple(c.name for c in open_cases.columns if c.name in LoopFact.__dataclass_fields__)


async def keep_open_cases(session: Session, facts: Mapping[UUID, Fact | None]) -> None:
    """Write the cases that are open; take away those that have their verdict, or never were."""
    cases = [fact for fact in facts.values() if isinstance(fact, LoopFact)]
    ended = [fact.case_id for fact in cases if fact.closed_at is not None]
    ended += [id for id, fact in facts.items() if fact is None]
    if ended:
        gone = any_(bindparam(None, sorted(ended), ARRAY(Uuid)))
        await session.execute(delete(open_cases).where(open_cases.c.id == gone))
    rows = [_row(fact) for fact in cases if fact.closed_at is None]
    if not rows:
        return
    statement = insert(open_cases)
    names = [c.name for c in open_cases.columns if c.name != "id"]
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={name: statement.excluded[name] for name in names}
        ),
        sorted(rows, key=lambda row: row["id"]),
    )


def _row(fact: LoopFact) -> dict[str, Any]:
    own = {name: getattr(fact, name) for name in KEPT}
    return {"id": fact.case_id} | own | asdict(fact.dimensions)
