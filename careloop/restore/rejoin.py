"""Let restored services and the others agree again on what has happened.

What a service said after its backup it has forgotten, so it no longer holds: it says so in a new
epoch. What the others said meanwhile it hears again; whoever knows it already does nothing.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from careloop.installation import Installation
from shared.auth.actor import SYSTEM
from shared.restores.epochs import raise_epoch
from shared.restores.statements import make_due_again, say_what_holds
from shared.snapshots.ask_snapshot import SnapshotRequest, ask_snapshot

MARGIN: Final = timedelta(hours=1)
"""Before the backup: what was still on its way then, and for clocks that differ. A message that a
stopped service left in the broker for longer is asked for by `--since`."""

OWNER: Final = "tickets"

COPIED: Final = {
    "org_units": ("surveys", "feedback", "reporting", "integrations"),
    "staff": ("surveys", "feedback", "reporting", "integrations"),
    "categories": ("feedback", "reporting"),
    "customers": ("feedback", "integrations"),
}
"""Who keeps copies of what tickets owns."""


async def begin_epoch(
    here: Installation, name: str, *, backup_at: datetime, since: datetime, now: datetime
) -> None:
    """Begin a new epoch in a service whose rows were just put back, before anything starts it."""
    async with here.database(name) as database, database.transaction() as session:
        epoch = await raise_epoch(session, backup_at=backup_at, now=now)
        await say_what_holds(session, name, epoch=epoch, since=since, now=now)


async def rejoin(
    here: Installation, restored: AbstractSet[str], *, since: datetime, now: datetime
) -> int:
    """Let all hear again what some may have missed; return how many events are said again."""
    again = 0
    for name in here.services:
        async with here.database(name) as database:
            again += await make_due_again(database, since)
    await _say_facts_again(here, restored, now=now)
    return again


async def _say_facts_again(
    here: Installation, restored: AbstractSet[str], *, now: datetime
) -> None:
    """Let copies become what tickets has now; letters are said again in no other way."""
    async with here.database(OWNER) as database, database.transaction() as session:
        for kind, recipients in COPIED.items():
            for recipient in recipients:
                if restored & {OWNER, recipient}:
                    await ask_snapshot(
                        session,
                        SnapshotRequest(kind, recipient),
                        kinds=here.services[OWNER].snapshots,
                        actor=SYSTEM,
                        now=now,
                    )
