"""Two releases on one database: the next one migrates while this one serves, and may go back."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from shared.http.health import Readiness
from shared.migrations import History, migrate, standing
from shared.service import Service
from shared.waiting import schema_missing
from tests.support.patience import until
from tests.tickets.conftest import Desk

COMPLAINT = {"kind": "complaint", "subject": "表具故障", "description": "已经三天没有人上门"}

EXPANDS = """\
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade():
    op.execute("ALTER TABLE tickets ADD COLUMN mood text")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY ix_tickets_mood ON tickets (mood)")
"""


def next_release(service: Service, folder: Path) -> Service:
    """Return the service as a release has it that adds a column and an index."""
    shutil.copytree(service.migrations, folder, dirs_exist_ok=True)
    head = History(service.migrations, "service_version").script.get_current_head()
    (folder / "later.py").write_text(EXPANDS.format(head=head))
    return replace(service, migrations=folder)


async def ready(desk: Desk, service: Service) -> bool:
    """Return whether a process of the release that begins now says that it is ready."""
    checks = await Readiness(service, desk.database, None).checks()
    return checks["database"] == "ok"


@pytest.mark.feature("N-08")
async def test_the_next_release_migrates_while_this_one_serves_and_may_be_taken_back(
    desk: Desk, tmp_path: Path
) -> None:
    later, customer = next_release(desk.service, tmp_path), desk.people.customer()
    url = desk.database.engine.url.render_as_string(hide_password=False)
    reason = "the database is older than this release: run `migrate tickets`"
    assert await schema_missing(later, desk.database) == reason
    assert not await ready(desk, later)
    answers: list[int] = []

    async def files() -> None:
        while True:
            answers.append((await customer.post("/api/v1/my/tickets", COMPLAINT)).status_code)

    filing = [asyncio.create_task(files()) for _ in range(4)]
    await until(lambda: len(answers) > 10)
    await migrate(later, url)
    before = len(answers)
    await until(lambda: len(answers) > before + 10)
    for task in filing:
        task.cancel()
    await asyncio.gather(*filing, return_exceptions=True)
    assert set(answers) == {httpx.codes.CREATED}
    assert await ready(desk, later)
    assert await ready(desk, desk.service)
    await migrate(desk.service, url)
    async with desk.database.transaction() as session:
        assert (await standing(session, desk.service)).ahead == ("service later",)
        assert (await standing(session, later)).behind == ()
