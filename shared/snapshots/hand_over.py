"""Hand snapshots over, part by part, to the queue of one service."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from shared.bus.interface import Bus
from shared.crypto.vault import Vault
from shared.database import Database
from shared.restores.epochs import present_epoch
from shared.snapshots.queries import SnapshotState, change_snapshot, lock_running
from shared.snapshots.say_again import SayAgain, Wanted, message_of

PART: Final = 200
"""Messages a turn: a service that is being filled still hears what happens meanwhile."""


async def hand_over_snapshots(
    database: Database,
    bus: Bus,
    vault: Vault,
    sayings: Mapping[str, SayAgain],
    *,
    now: datetime,
) -> int:
    """Hand over one part of one snapshot; return how many messages, or 1 for its end.

    What the bus did not take comes again with the whole part, and so does a part whose worker
    died: whoever hears it twice keeps what he has.
    """
    async with database.transaction() as session:
        snapshot = await lock_running(session)
        if snapshot is None:
            return 0
        wanted = Wanted(
            snapshot.recipient, snapshot.position, snapshot.types, snapshot.since, PART, now
        )
        part = await sayings[snapshot.kind](session, vault, wanted)
        if not part:
            await change_snapshot(session, snapshot, state=SnapshotState.DONE, finished_at=now)
            return 1
        epoch = await present_epoch(session)
        messages = [
            message_of(one, snapshot.recipient, snapshot_id=snapshot.id, epoch=epoch)
            for one in part
        ]
        accepted = await bus.publish(messages)
        if len(accepted) < len(messages):
            return 0
        sent = snapshot.sent + len(messages)
        await change_snapshot(session, snapshot, position=part[-1].position, sent=sent)
    return len(messages)
