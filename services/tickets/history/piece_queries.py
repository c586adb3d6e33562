"""Named reads and writes of the pieces of a file; outside this module nobody sees a ciphertext."""

import base64
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from services.tickets.history.tables import import_pieces
from services.tickets.history.vocabulary import ImportFile
from shared.crypto.vault import Vault
from shared.database import Database, Session


@dataclass(frozen=True, slots=True)
class Place:
    """Which piece of which file it is; a ciphertext opens in its own place only."""

    import_id: UUID
    file: ImportFile
    number: int

    def __str__(self) -> str:
        return f"import:{self.import_id}:{self.file}:{self.number}"


async def add_piece(session: Session, vault: Vault, place: Place, piece: bytes) -> None:
    """Keep a piece of a file."""
    sealed = vault.encrypt(base64.b64encode(piece).decode(), context=str(place))
    await session.execute(insert(import_pieces).values(asdict(place) | {"sealed": sealed}))


async def pieces_of(
    database: Database, vault: Vault, import_id: UUID, file: ImportFile
) -> AsyncIterator[bytes]:
    """Give the pieces of a file, one transaction each: the work between takes its time."""
    number = 0
    while True:
        wanted = select(import_pieces.c.sealed).where(
            import_pieces.c.import_id == import_id,
            import_pieces.c.file == file,
            import_pieces.c.number == number,
        )
        async with database.transaction() as session:
            sealed = await session.scalar(wanted)
        if sealed is None:
            return
        yield base64.b64decode(vault.decrypt(sealed, context=str(Place(import_id, file, number))))
        number += 1


async def files_of(session: Session, import_id: UUID) -> Iterable[ImportFile]:
    """Return which files an import has."""
    statement = (
        select(import_pieces.c.file).where(import_pieces.c.import_id == import_id).distinct()
    )
    return {ImportFile(name) for name in await session.scalars(statement)}


async def forget_pieces(session: Session, import_id: UUID) -> None:
    """Delete the files of an import that was read, or cannot be."""
    await session.execute(delete(import_pieces).where(import_pieces.c.import_id == import_id))
