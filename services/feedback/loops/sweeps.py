"""What becomes due: the two clocks of a case, and forgetting what was heard long ago."""

from datetime import datetime, timedelta
from typing import Final

from services.feedback.loops.heard_queries import forget_heard
from services.feedback.loops.tell_overdue import tell_overdue
from services.feedback.loops.vocabulary import LoopClock
from shared.crypto.vault import Vault
from shared.database import Database
from shared.sweeps import Sweep

HEARD_KEPT: Final = timedelta(days=90)
"""A survey is answered within days; what comes after a quarter of a year has no case to join."""


def loop_sweeps(vault: Vault) -> tuple[Sweep, ...]:
    """Return the sweeps; a batch is a transaction."""

    def overdue(clock: LoopClock) -> Sweep:
        async def run(database: Database, now: datetime) -> int:
            async with database.transaction() as session:
                return await tell_overdue(session, vault, clock, now=now)

        return Sweep(f"loop_{clock}_overdue", timedelta(seconds=2), run)

    return (
        overdue(LoopClock.CONTACT),
        overdue(LoopClock.RESULT),
        Sweep("forget_heard", timedelta(hours=1), _forget),
    )


async def _forget(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        await forget_heard(session, before=now - HEARD_KEPT)
    return 0
