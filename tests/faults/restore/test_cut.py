"""All copies of a backup are of one moment: nobody is in the midst of saying something."""

import asyncio

from sqlalchemy import text

from careloop.backup.cut import cut
from shared.ids import new_id
from shared.outbox.emit import emit
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import Counted, sample_service, saying

WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


async def test_a_backup_waits_for_whoever_is_speaking_and_has_what_he_said(
    databases: Databases,
) -> None:
    urls = {name: await databases.url(sample_service()) for name in ("one", "other")}
    database = databases.connect(urls["other"])

    async def saved() -> int:
        async with cut(urls) as readers:
            found: int = await readers["other"].fetchval("SELECT count(*) FROM outbox")
            return found

    async def waits() -> bool:
        async with database.transaction() as session:
            return bool(await session.scalar(WAITING))

    async with database.transaction() as session:
        await emit(session, saying(Counted(tally_id=new_id(), amount=1)))
        saving = asyncio.create_task(saved())
        await until(waits)
        assert not saving.done()
    assert await saving == 1
