"""`careloop audit verify` names the one line that was touched, and its code says it too."""

from pathlib import Path

from sqlalchemy import select, text

from services.tickets.service import create_service
from shared.audit import audit, audit_entries
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.database import Database
from shared.ids import new_id
from shared.sealing.seal import head_of, seal_entries
from shared.settings import CommonSettings
from standalone.compose import vaults_of
from tests.support.databases import Databases
from tests.support.processes import Done, command

NOBODY = "postgresql://careloop@127.0.0.1:1"
TOUCH_THE_FIRST = """
    UPDATE audit_entry SET action = 'nothing.happened'
    WHERE id = (SELECT id FROM audit_entry ORDER BY id LIMIT 1)
"""


async def test_a_line_that_was_changed_in_the_database_is_named_with_code_1(
    databases: Databases, tmp_path: Path
) -> None:
    vault = vaults_of(CommonSettings(secrets=tmp_path))["tickets"]
    url = await databases.url(create_service(CommonSettings(), vault))
    database = databases.connect(url)
    await read_three_customers(database)
    await seal_entries(database, vault, now=utcnow())
    async with database.transaction() as session:
        anchor = str(await head_of(session))
        first, *others = await session.scalars(select(audit_entries.c.id).order_by("id"))
    sound = await verified(tmp_path, url, "--anchor", anchor)
    assert (sound.code, sound.out) == (0, "tickets: 3 lines, 0 findings\n"), sound.err
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        await session.execute(text(TOUCH_THE_FIRST))
    found = await verified(tmp_path, url)
    assert found.code == 1
    said, *table = found.out.splitlines()
    assert said == "tickets: 3 lines, 1 findings"
    (line,) = [one for one in table if "changed" in one]
    assert [cell.strip() for cell in line.split("│")][1:4] == ["changed", "1", str(first)]
    assert [other for other in others if str(other) in found.out] == []


async def read_three_customers(database: Database) -> None:
    async with database.transaction() as session:
        for _ in range(3):
            await audit(
                session,
                "customer.read",
                actor=SYSTEM,
                subject_kind="customer",
                subject_id=new_id(),
                now=utcnow(),
            )


async def verified(folder: Path, url: str, *more: str) -> Done:
    settings = {
        "CARELOOP_SECRETS": str(folder),
        "CARELOOP_DATABASE_URL": NOBODY,
        "CARELOOP_TICKETS_DATABASE_URL": url,
        "COLUMNS": "160",
    }
    return await command("audit", "verify", "tickets", *more, folder=folder, settings=settings)
