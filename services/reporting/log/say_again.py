"""Say past events again, for a service that is new or has lost something."""

from sqlalchemy import select

from services.reporting.log.tables import event_log
from shared.contracts.registry import EVENTS
from shared.crypto.vault import Vault
from shared.database import Session
from shared.snapshots.say_again import Again, Wanted


async def say_events_again(session: Session, _vault: Vault, wanted: Wanted) -> list[Again]:
    """Return the next events of the log, with their own ids, in the order of their folding.

    What is not folded yet was heard a moment ago, so who is filled hears it by himself.
    """
    after = int(wanted.position or 0)
    log = event_log
    statement = select(log).where(
        log.c.position > after, log.c.type.in_(_types(wanted)), log.c.void_by.is_(None)
    )
    if wanted.since is not None:
        statement = statement.where(log.c.time >= wanted.since)
    rows = await session.execute(statement.order_by(log.c.position).limit(wanted.limit))
    return [
        Again(
            position=str(row.position),
            message_id=row.id,
            sender=_sender(f"{row.type}.v{row.version}", row.data.get("service")),
            key=f"{row.type}.v{row.version}",
            subject=row.subject,
            epoch=row.epoch,
            sequence=row.sequence,
            time=row.time,
            data=row.data,
        )
        for row in rows
        if f"{row.type}.v{row.version}" in EVENTS
    ]


def _types(wanted: Wanted) -> list[str]:
    known = {contract.TYPE for contract in EVENTS.values()}
    return sorted(known & set(wanted.types) if wanted.types else known)


def _sender(key: str, service: object) -> str:
    """Return who said an event; of those that several may say, the data name the service."""
    senders = EVENTS[key].SENDERS
    return str(service) if service in senders else senders[0]
