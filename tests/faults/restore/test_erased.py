"""Who was erased after a backup: a single service that is set back to it is asked again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from shared.contracts.privacy import ErasureRequested
from shared.ids import new_id
from shared.inbox.tables import inbox
from shared.outbox.emit import Saying, emit
from shared.outbox.tables import outbox
from tests.faults.restore.house import House

pytestmark = pytest.mark.timeout(1200)  # five databases are made and filled, beside other work

NOW = datetime.now(UTC)


async def test_an_erasure_since_the_backup_is_said_again_to_the_service_that_forgot_it(
    house: House, tmp_path: Path
) -> None:
    await house.save(tmp_path / "backup")
    said = ErasureRequested(request_id=new_id(), customer_id=new_id(), requested_at=NOW)
    async with house.here.database("integrations") as database, database.transaction() as session:
        await emit(session, Saying(said, said.request_id, 1, NOW))
        published = update(outbox).values(published_at=NOW).returning(outbox.c.id)
        message_id = await session.scalar(published)
    handled = text("INSERT INTO inbox (message_id, type) VALUES (:id, :type)")
    async with house.here.database("tickets") as database, database.transaction() as session:
        await session.execute(handled, {"id": message_id, "type": said.key()})

    await house.set_back(tmp_path / "backup", "tickets")

    async with house.here.database("integrations") as database, database.transaction() as session:
        waiting = select(outbox.c.id).where(outbox.c.published_at.is_(None))
        assert list(await session.scalars(waiting)) == [message_id]
    async with house.here.database("tickets") as database, database.transaction() as session:
        assert message_id not in set(await session.scalars(select(inbox.c.message_id)))
