"""Ask for an import; a worker does it."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from services.tickets.history.mapping_rules import HistoryMapping
from services.tickets.history.piece_queries import Place, add_piece
from services.tickets.history.queries import Import, add_import, change_import, import_of_key
from services.tickets.history.read_mapping import stored_mapping
from services.tickets.history.vocabulary import ImportFile, ImportState
from shared.audit import audit
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import InvalidError
from shared.ids import new_id

PIECE_BYTES: Final = 262_144
"""Small enough that a worker holds a file of any size a quarter of a megabyte at a time."""

Files = Mapping[ImportFile, AsyncIterator[bytes]]


async def ask_import(
    session: Session,
    vault: Vault,
    mapping: HistoryMapping,
    files: Files,
    *,
    key: str,
    actor: Actor,
    now: datetime,
) -> Import:
    """Keep the files for a worker; who repeats a request with its key gets the import it made.

    Raises InvalidError for a second file where the mapping has no use for one, or none where it
    needs one, and `idempotency_key_reused` for a key with other files.
    """
    _check_files(mapping, files)
    asked = await add_import(
        session,
        {
            "id": new_id(),
            "state": ImportState.WAITING,
            "source": mapping.source,
            "mapping": stored_mapping(mapping),
            "asked_by": actor.id,
            "asked_at": now,
            "key": key,
            "fingerprint": b"",
        },
    )
    if asked is None:
        return await _repeated(session, mapping, files, key=key, actor=actor)
    fingerprint = await _keep(session, vault, asked.id, mapping, files)
    await audit(
        session,
        "history.import_asked",
        actor=actor,
        subject_kind="import",
        subject_id=asked.id,
        now=now,
        source=mapping.source,
    )
    return await change_import(session, asked.id, fingerprint=fingerprint, touched_at=None)


async def _keep(
    session: Session, vault: Vault, import_id: UUID, mapping: HistoryMapping, files: Files
) -> bytes:
    """Keep the files and return the fingerprint of the whole request."""
    digest = hashlib.sha256(repr(mapping).encode())
    for file, pieces in files.items():
        digest.update(file.encode())
        number = 0
        async for piece in pieces:
            digest.update(piece)
            await add_piece(session, vault, Place(import_id, file, number), piece)
            number += 1
    return digest.digest()


async def _repeated(
    session: Session, mapping: HistoryMapping, files: Files, *, key: str, actor: Actor
) -> Import:
    digest = hashlib.sha256(repr(mapping).encode())
    for file, pieces in files.items():
        digest.update(file.encode())
        async for piece in pieces:
            digest.update(piece)
    known = await import_of_key(session, actor.id, key)
    if known.fingerprint != digest.digest():
        raise InvalidError("idempotency_key_reused", "Use a new key for another import.")
    return known


def _check_files(mapping: HistoryMapping, files: Files) -> None:
    beside = mapping.events is not None and not mapping.is_log
    if ImportFile.EVENTS in files and not beside:
        raise InvalidError("events_not_mapped", "The mapping does not say what the events mean.")
