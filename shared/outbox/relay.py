"""The relay: takes committed messages to the bus, at least once."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Text, Update, any_, case, cast, func, null, select, update

from shared.arrays import array
from shared.bus.interface import Bus, BusUnavailableError, Exchange, Message
from shared.database import Database
from shared.metrics import NOT_PUBLISHED, RELAYED
from shared.outbox.tables import outbox
from shared.statements import Direct, Found
from shared.tracing import Current, Kind, Step, spans
from shared.trouble import is_away, where

WINDOW = 500
"""Messages a claim: publishes in windows of this size reach most of the broker's rate."""

AT_ONCE: Final = 2
"""While the broker confirms one window, PostgreSQL claims or marks the other."""

LEASE = timedelta(seconds=60)
"""Longer than a window's publishing time-out: a relay that died gives its rows back after it."""

POLL_SECONDS = 1.0
"""The net below the wake-up of a commit in the same process; polling faster only burns CPU."""

LONGEST_PAUSE_SECONDS = 10.0
"""While the broker is away the relay asks again at most this rarely, so that it drains soon."""

log = structlog.get_logger()


async def relay_due(database: Database, bus: Bus, *, service: str) -> int:
    """Publish what is due, window by window; return how many messages the bus now has.

    Raises as `relay_once`, when the windows that were on their way have ended.
    """
    relayed = await relay_once(database, bus, service=service)
    if relayed < WINDOW:
        return relayed
    lanes = [asyncio.create_task(_lane(database, bus, service)) for _ in range(AT_ONCE)]
    await asyncio.gather(*lanes, return_exceptions=True)  # cancels them when it is cancelled
    return relayed + sum(lane.result() for lane in lanes)


async def _lane(database: Database, bus: Bus, service: str) -> int:
    """Publish window after window until one is not full."""
    relayed, more = 0, WINDOW
    while more == WINDOW:
        more = await relay_once(database, bus, service=service)
        relayed += more
    return relayed


async def relay_once(database: Database, bus: Bus, *, service: str) -> int:
    """Publish one window of due messages; return how many the bus now has.

    Raises `BusUnavailableError`; the rows are due again at once, as they are when the relay is
    stopped. What the bus did not take comes again after its lease.
    """
    rows = await _claim(database)
    if not rows:
        return 0
    try:
        with spans(Kind.PRODUCER, rows, lambda row: _step(row, service)) as current:
            accepted = await bus.publish(
                [_message(row, service, one) for row, one in zip(rows, current, strict=True)]
            )
    except BaseException:
        with contextlib.suppress(Exception):  # else their lease does it
            await _give_back(database, (row.id for row in rows))
        raise
    if accepted:
        await _mark(database, accepted)
        RELAYED.labels(service).inc(len(accepted))
    if len(accepted) < len(rows):
        NOT_PUBLISHED.labels(service, "unconfirmed").inc()
    return len(accepted)


async def run_relay(database: Database, bus: Bus, *, service: str) -> None:
    """Relay until cancelled: at once after a commit in this process, else every second."""
    pause = POLL_SECONDS
    while True:
        database.emitted.clear()
        try:
            relayed = await relay_due(database, bus, service=service)
            pause = POLL_SECONDS
        except BusUnavailableError as error:
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            NOT_PUBLISHED.labels(service, "bus_away").inc()
            log.warning(
                "relay_waits_for_bus", service=service, reason=str(error), pause_seconds=pause
            )
            await asyncio.sleep(pause)  # commits must not wake it now: each would claim a window
            continue
        except Exception as error:
            relayed = 0
            away = is_away(error)
            NOT_PUBLISHED.labels(service, "database_away" if away else "failed").inc()
            if away:
                log.warning("relay_without_database", service=service, reason=where(error))
            else:
                log.exception("relay_failed", service=service)
        if not relayed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await database.emitted.wait()


def _claiming() -> Update:
    due = (  # a CTE runs once; a subquery in IN may run again for every row it is compared with
        select(outbox.c.id)
        .where(outbox.c.published_at.is_(None), outbox.c.due_at <= func.now())
        .order_by(outbox.c.due_at)
        .limit(WINDOW)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    as_text = cast(outbox.c.data, Text).label("data")  # it goes on as it is
    return (
        update(outbox)
        .where(outbox.c.id == due.c.id)
        .values(due_at=func.now() + LEASE, attempts=outbox.c.attempts + 1)
        .returning(*(column for column in outbox.c if column is not outbox.c.data), as_text)
    )


_OF_THESE: Final = outbox.c.id == any_(array("ids", outbox.c.id.type))
_CLAIM: Final = Direct(_claiming())
_GIVE_BACK: Final = Direct(update(outbox).where(_OF_THESE).values(due_at=func.now()))
_MARK: Final = Direct(
    update(outbox)
    .where(_OF_THESE)
    .values(
        published_at=func.now(),
        data=case((outbox.c.recipient.is_(None), outbox.c.data), else_=null()),
    )
)


async def _claim(database: Database) -> list[Found]:
    async with database.transaction() as session:
        return await _CLAIM.rows(session, {})


async def _give_back(database: Database, ids: Iterable[UUID]) -> None:
    async with database.transaction() as session:
        await _GIVE_BACK.rows(session, {"ids": list(ids)})


async def _mark(database: Database, ids: set[UUID]) -> None:
    """Note what was delivered; a letter's body is not kept once its recipient has it."""
    async with database.transaction() as session:
        await _MARK.rows(session, {"ids": sorted(ids)})


def _step(row: Found, service: str) -> Step:
    return Step(
        f"publish {row.type}",
        row.traceparent,
        {
            "careloop.service": service,
            "messaging.operation.type": "send",
            "messaging.message.id": str(row.id),
        },
    )


def _message(row: Found, service: str, span: Current | None) -> Message:
    """Return an outbox row as a CloudEvents message that answers to its publishing, if traced."""
    key = f"{row.type}.v{row.version}"
    envelope = {
        "specversion": "1.0",
        "id": row.id,
        "source": f"careloop/{service}",
        "type": row.type,
        "subject": row.subject,
        "time": row.time,
        "datacontenttype": "application/json",
        "dataschema": key,
        "sequence": row.sequence,
        "epoch": row.epoch,
        "origin": row.origin,
        "correlationid": row.correlation_id,
        "causationid": row.causation_id,
        "traceparent": row.traceparent if span is None else span.traceparent,
        "data": orjson.Fragment(row.data),
    }
    said = {name: value for name, value in envelope.items() if value is not None}
    body = orjson.dumps(said, default=_plain)
    if row.recipient:
        return Message(row.id, key, service, Exchange.LETTERS, row.recipient, body)
    return Message(row.id, key, service, Exchange.EVENTS, key, body)


def _plain(value: object) -> str:
    """Return an id as text; orjson does not know the driver's kind of UUID."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} in an envelope")
