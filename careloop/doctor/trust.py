"""Whether what a service says of itself can be believed: its books, and its audit trail."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from careloop.doctor.findings import Finding, ok, warning, wrong
from shared.audit import audit_entries
from shared.books.queries import counted_differences, last_finished
from shared.clock import utcnow
from shared.database import Session
from shared.ids import first_id_at
from shared.sealing.seal import newest_sealed
from shared.service import Service

UNSEALED: Final = timedelta(minutes=1)
"""The sealer needs a second, and half a minute for what commits late."""

UNCOMPARED: Final = timedelta(hours=36)
"""The books are compared every night."""


async def books(session: Session, service: Service, part: str) -> Finding:
    """Look whether the service's books balanced when they were compared last, and when that was."""
    check = "books"
    if service.ledger is None:
        return ok(part, check, "it keeps none")
    counted = await counted_differences(session)
    staying = {book: stay for book, (_new, stay) in sorted(counted.items()) if stay}
    if staying:
        named = ", ".join(f"{count} of {book}" for book, count in staying.items())
        do = f"GET /api/v1/{service.name}/books names each; docs/alerts.md#booksdiffer"
        return wrong(part, check, f"differences stay: {named}", do=do)
    finished = await last_finished(session)
    if finished is None:
        return ok(part, check, "they are compared next night")
    if utcnow() - finished > UNCOMPARED:
        do = f"See that the worker of {service.name} runs, and its log"
        return warning(part, check, f"compared last on {finished:%Y-%m-%d %H:%M}", do=do)
    return ok(part, check, f"no difference stays, compared on {finished:%Y-%m-%d %H:%M}")


async def trail(session: Session, service: Service, part: str) -> Finding:
    """Look whether lines of the audit trail are sealed in time; `careloop audit verify` checks."""
    newest = await newest_sealed(session)
    waiting = select(func.count()).where(audit_entries.c.id < first_id_at(utcnow() - UNSEALED))
    if newest is not None:
        after = newest + timedelta(milliseconds=1)  # of an id's own
        waiting = waiting.where(audit_entries.c.id >= first_id_at(after))
    count = await session.scalar(waiting) or 0
    if count:
        do = f"See that the worker of {service.name} runs, and its log"
        return wrong(part, "trail", f"{count} lines wait for their seal", do=do)
    return ok(part, "trail", "sealed")
