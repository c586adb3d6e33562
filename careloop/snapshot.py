"""`careloop snapshot`: let one service hear again what is so, or what has happened."""

import asyncio
from datetime import datetime
from typing import Annotated, Final

import typer
import uvloop

from careloop.installation import Installation, installation, service_named
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.database import Database
from shared.snapshots.ask_snapshot import SnapshotRequest, ask_snapshot
from shared.snapshots.queries import Snapshot, SnapshotState, get_snapshot
from standalone.place import StartError

LOOK_AGAIN_SECONDS: Final = 0.5

Kind = Annotated[str, typer.Argument(help="org-units, staff, categories, customers, events")]
To = Annotated[str, typer.Option("--to", help="The one service that hears it")]
Types = Annotated[str, typer.Option("--types", help="Of events: ticket.closed,survey.completed")]
Since = Annotated[datetime | None, typer.Option("--since", help="Of events: the first instant")]


def take_snapshot(kind: Kind, to: To, types: Types = "", since: Since = None) -> None:
    """Say it again to one service, and wait until its queue has it; others hear nothing."""
    narrowed = tuple(one.strip() for one in types.split(",") if one.strip())
    zoned = since.astimezone() if since and since.tzinfo is None else since
    request = SnapshotRequest(kind.replace("-", "_"), service_named(to), narrowed, zoned)
    done = uvloop.run(_take(installation(), request))
    print(f"{to} has {done.sent} messages of {kind}.")


async def _take(here: Installation, request: SnapshotRequest) -> Snapshot:
    """Ask the service that can say it, and wait. Raises StartError when none can."""
    owner = next((n for n, s in here.services.items() if request.kind in s.snapshots), None)
    if owner is None:
        kinds = sorted(kind for s in here.services.values() for kind in s.snapshots)
        msg = f"Nobody can say {request.kind} again: choose one of {', '.join(kinds)}."
        raise StartError(msg.replace("_", "-"))
    async with here.database(owner) as database:
        async with database.transaction() as session:
            asked = await ask_snapshot(
                session, request, kinds=here.services[owner].snapshots, actor=SYSTEM, now=utcnow()
            )
        return await _done(database, asked)


async def _done(database: Database, asked: Snapshot) -> Snapshot:
    """Return the snapshot when the worker has handed all of it over; Ctrl-C does not stop it."""
    while True:
        async with database.transaction() as session:
            present = await get_snapshot(session, asked.id)
        if present.state is SnapshotState.DONE:
            return present
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
