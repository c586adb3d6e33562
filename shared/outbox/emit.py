"""Say a message as part of the transaction that makes it true; the relay delivers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from shared.arrays import arrays, insert_arrays
from shared.correlation import Cause, current_cause
from shared.crypto.vault import Vault
from shared.database import EMITTED, Session
from shared.ids import new_id
from shared.messages.contract import Contract, Event, Letter, Origin
from shared.outbox.tables import outbox
from shared.statements import Direct

_NAMES: Final = (
    "id",
    "type",
    "version",
    "recipient",
    "subject",
    "sequence",
    "origin",
    "time",
    "correlation_id",
    "causation_id",
    "traceparent",
    "data",
)
_ADD: Final = Direct(insert(outbox))
_ADD_MANY: Final = insert_arrays(outbox, _NAMES)


@dataclass(frozen=True, slots=True)
class Saying:
    """One message with what its envelope needs.

    `sequence` counts the events of its subject; `cause` is what it answers to, by default the
    request in hand.
    """

    data: Contract
    subject: UUID
    sequence: int
    time: datetime
    origin: str = Origin.LIVE
    cause: Cause | None = None


async def emit(session: Session, *sayings: Saying) -> None:
    """Write events to the outbox of this transaction."""
    for saying in sayings:
        if not isinstance(saying.data, Event):
            msg = f"{saying.data.TYPE} is not an event: send it as a letter"
            raise TypeError(msg)
    await _write(session, [_row(saying, saying.data.model_dump(mode="json")) for saying in sayings])


async def send(session: Session, vault: Vault, *sayings: Saying) -> None:
    """Write letters to the outbox of this transaction, each encrypted for its recipient."""
    rows = []
    for saying in sayings:
        if not isinstance(saying.data, Letter):
            msg = f"{saying.data.TYPE} is not a letter: emit it as an event"
            raise TypeError(msg)
        sealed = vault.seal_letter(saying.data.RECIPIENT, saying.data.model_dump_json().encode())
        rows.append(_row(saying, sealed) | {"recipient": saying.data.RECIPIENT})
    await _write(session, rows)


async def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    if len(rows) == 1:
        await _ADD.rows(session, rows[0])
    else:
        await session.execute(_ADD_MANY, arrays(outbox, _NAMES, rows))
    session.info[EMITTED] = True


def _row(saying: Saying, data: dict[str, Any]) -> dict[str, Any]:
    cause = saying.cause or current_cause()
    return {
        "id": new_id(),
        "type": saying.data.TYPE,
        "version": saying.data.VERSION,
        "recipient": None,
        "subject": saying.subject,
        "sequence": saying.sequence,
        "origin": saying.origin,
        "time": saying.time,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "traceparent": cause.traceparent,
        "data": data,
    }
