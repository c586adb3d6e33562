"""Who was erased after a backup is erased again when a single service is set back to it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.faults.restore.day import begun
from tests.faults.restore.house import PATIENCE_SECONDS, House, settled
from tests.support.company import becomes

pytestmark = pytest.mark.timeout(1200)  # everything in one process, beside whatever else runs

ADDRESSES = "SELECT count(*) FROM contact_identities WHERE customer_id = :id"


async def test_who_was_erased_after_the_backup_is_erased_again_by_itself(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        asked = {"type": "erase", "customer_id": day.customer.id, "reason": "customer_asked"}
        await day.company.manager.does("/privacy/requests", asked)
        await settled(running)

    async def addresses() -> int:
        async with house.here.database("tickets") as database, database.transaction() as session:
            return await session.scalar(text(ADDRESSES), {"id": day.customer.id}) or 0

    assert await addresses() == 0
    await house.set_back(tmp_path / "backup", "tickets")
    assert await addresses() == 1
    async with house.open() as running:
        await settled(running)
        await becomes(addresses, 0, patience=PATIENCE_SECONDS)
