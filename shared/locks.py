"""All advisory-lock keys of the project: two users of one number would wait for each other."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import text

from shared.database import Session

MIGRATE: Final = 4_201
FOLD: Final = 4_202
REBUILD: Final = 4_203
SEED: Final = 4_204
PARTITIONS: Final = 4_205
CYCLE: Final = 4_206
DUTIES: Final = 4_207
LOOP: Final = 4_208
ERASE: Final = 4_210
WEBHOOKS: Final = 4_211
ANSWER: Final = 4_212
SEAL: Final = 4_214

_HOLD: Final = text(
    "SELECT pg_advisory_xact_lock(:key, number) FROM ("
    " SELECT DISTINCT hashtext(name) AS number FROM unnest(CAST(:names AS text[])) AS name"
    " ORDER BY number) AS numbers"
)


async def hold(session: Session, key: int, names: Iterable[str]) -> None:
    """Let one transaction at a time have each of the named things, also while they have no row.

    All are asked for in one order: two who want the same ones do not wait for each other.
    """
    await session.execute(_HOLD, {"key": key, "names": list(names)})


async def try_lock(session: Session, key: int) -> bool:
    """Return whether this transaction is now the one that holds the lock."""
    held = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key})
    return bool(held)
