"""How a service answers when one customer shall be erased, or told what we know of him."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from pydantic import JsonValue

from shared.contracts.privacy import DataFound, ErasureDone, ErasureRequested, ExportRequested
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.outbox.emit import Saying, emit, send
from shared.privacy.tombstones import remember_erased
from shared.privacy.traces import Traces, erase_traces

ONLY: Final = 1

Found: TypeAlias = dict[str, list[dict[str, JsonValue]]]
"""What is known of a customer, by kind of record, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows a service changed, and by what else the customer may be found there."""

    rows: int
    traces: Traces


class Erase(Protocol):
    """Erase one customer in a transaction; a second time it finds nothing to do."""

    async def __call__(
        self, session: Session, customer_id: UUID, /, *, first: bool, now: datetime, cause: Cause
    ) -> Erased:
        """Return what was done; `first` says whether this service had not erased him before."""


Find = Callable[[Session, UUID], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What a service does about one customer; its `service.py` says it."""

    service: str
    vault: Vault
    erase: Erase
    find: Find


def privacy_handlers(
    forgetting: Forgetting, clock: Callable[[], datetime]
) -> tuple[Handler, Handler]:
    """Return what a service hears about privacy; it must stand last in its handlers."""

    async def find(session: Session, received: Sequence[Received[ExportRequested]]) -> None:
        for one in sorted(received, key=lambda r: r.data.customer_id):
            await _tell_found(session, forgetting, one, now=clock())

    return erasure_handler(forgetting, clock), on(ExportRequested, find)


def erasure_handler(forgetting: Forgetting, clock: Callable[[], datetime]) -> Handler:
    """Return the handler that erases a customer and says so."""

    async def forget(session: Session, received: Sequence[Received[ErasureRequested]]) -> None:
        for one in sorted(received, key=lambda r: r.data.customer_id):
            await _forget(session, forgetting, one, now=clock())

    return on(ErasureRequested, forget)


async def nothing_to_erase(
    _session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
) -> Erased:
    """Erase nothing: the service knows its customers by their ids only."""
    _ = first, now, cause
    return Erased(0, Traces(customer_id))


async def nothing_to_find(_session: Session, _customer_id: UUID) -> Found:
    """Find nothing, for the same reason."""
    return {}


async def forget_customer(
    session: Session,
    forgetting: Forgetting,
    customer_id: UUID,
    *,
    request_id: UUID,
    now: datetime,
    cause: Cause,
) -> int:
    """Erase a customer and leave his tombstone; return how many rows were changed."""
    first = await remember_erased(session, customer_id, request_id=request_id, now=now)
    erased = await forgetting.erase(session, customer_id, first=first, now=now, cause=cause)
    traces = await erase_traces(session, forgetting.vault, erased.traces, now=now)
    return erased.rows + traces


async def _forget(
    session: Session,
    forgetting: Forgetting,
    received: Received[ErasureRequested],
    *,
    now: datetime,
) -> None:
    asked, cause = received.data, received.cause
    rows = await forget_customer(
        session, forgetting, asked.customer_id, request_id=asked.request_id, now=now, cause=cause
    )
    done = ErasureDone(
        request_id=asked.request_id,
        customer_id=asked.customer_id,
        service=forgetting.service,
        rows=rows,
        erased_at=now,
    )
    await emit(session, Saying(done, asked.request_id, ONLY, now, cause=cause))


async def _tell_found(
    session: Session,
    forgetting: Forgetting,
    received: Received[ExportRequested],
    *,
    now: datetime,
) -> None:
    asked = received.data
    letter = DataFound(
        request_id=asked.request_id,
        customer_id=asked.customer_id,
        service=forgetting.service,
        found=await forgetting.find(session, asked.customer_id),
    )
    saying = Saying(letter, asked.request_id, ONLY, now, cause=received.cause)
    await send(session, forgetting.vault, saying)
