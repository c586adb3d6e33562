"""From the edition in one process to a broker: what waits in a service's table goes on there."""

from typing import Any, Final

from sqlalchemy import Row, delete, select, tuple_

from shared.bus.interface import Bus, BusUnavailableError, Exchange, Message, QueueKind
from shared.bus.local_tables import pending_messages
from shared.database import Database

PART: Final = 500


async def carry_over(database: Database, bus: Bus) -> int:
    """Put a service's waiting messages into its own queues of another bus; return how many.

    What died comes again to where it died, and ends among the dead letters. Raises
    BusUnavailableError. A crash between publishing and deleting puts a message there twice; the
    inbox counts it once.
    """
    table, carried = pending_messages, 0
    while True:
        async with database.transaction() as session:
            rows = (await session.execute(select(table).limit(PART).with_for_update())).all()
            if not rows:
                return carried
            accepted = await bus.publish([_message(row) for row in rows])
            done = [(row.queue, row.message_id) for row in rows if row.message_id in accepted]
            if not done:
                msg = "the broker took none of the waiting messages"
                raise BusUnavailableError(msg)
            await session.execute(
                delete(table).where(tuple_(table.c.queue, table.c.message_id).in_(done))
            )
            carried += len(done)


def _message(row: Row[Any]) -> Message:
    died = row.queue.endswith(f".{QueueKind.DEAD}")
    queue = row.key if died else row.queue
    return Message(row.message_id, row.type, row.sender, Exchange.REQUEUE, queue, row.body)
