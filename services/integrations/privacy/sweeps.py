"""What was found for a person is not kept longer than he needs to fetch it."""

from datetime import datetime, timedelta
from typing import Final

from services.integrations.privacy.queries import take_found_away
from shared.database import Database
from shared.sweeps import Sweep


async def _take_away(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return await take_found_away(session, expired_at=now)


SWEEPS: Final = (Sweep("privacy_exports", timedelta(minutes=10), _take_away),)
