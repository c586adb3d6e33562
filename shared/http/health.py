"""Whether a process lives, and whether it can serve."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.bus.interface import Bus
from shared.database import Database
from shared.migrations import at_head
from shared.service import Service

FRESH_SECONDS: Final = 5.0
"""A probe every second from many sides asks the database once in five."""

PATIENCE_SECONDS: Final = 1.0
FAILURES_UNTIL_UNREADY: Final = 3
"""A database that hiccups must not take every replica out of service at the same time."""


@dataclass
class Readiness:
    """What a service depends on; asked at most every FRESH_SECONDS."""

    service: Service
    database: Database
    bus: Bus | None
    leaving: bool = False
    """Asked to end: it serves on for a moment, but nobody should send it more."""
    _checked_at: float = field(default=float("-inf"))
    _failures: int = 0
    _migrated: bool = False
    _ever: bool = False

    async def checks(self) -> dict[str, str]:
        """Return `ok`, `degraded` or `failed` for the database and the bus.

        Without its bus a service stays ready: the outbox keeps what it says.
        """
        if time.monotonic() - self._checked_at > FRESH_SECONDS:
            self._checked_at = time.monotonic()
            self._failures = 0 if await self._database_answers() else self._failures + 1
            self._ever = self._ever or self._failures == 0
        patience = FAILURES_UNTIL_UNREADY if self._ever else 1
        bus = "ok" if self.bus is None or self.bus.connected() else "degraded"
        return {"database": "failed" if self._failures >= patience else "ok", "bus": bus}

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self.database.transaction() as session:
                await session.execute(text("SELECT 1"))
                self._migrated = self._migrated or await at_head(session, self.service)
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return self._migrated
