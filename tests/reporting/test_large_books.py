"""The books of a large house after a restore are compared far within a statement's time limit."""

from sqlalchemy import text

from services.reporting.books.sequence_queries import unsound_subjects
from services.reporting.service import create_service
from shared.clock import utcnow
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import VAULT

KNOWN = 20_000
TOUCHED = 2_000
LOST = 7

TALLIES = text(
    "INSERT INTO books.tallies (source, epoch, subject, said, events, heard_at)"
    " SELECT 'tickets', :epoch, CAST(md5(CAST(n AS text)) AS uuid),"
    " int8multirange(int8range(CAST(:first AS int8), CAST(:first AS int8) + 3)),"
    " 3, now() - interval '1 day'"
    " FROM generate_series(CAST(:one AS int), :many) AS n"
)


async def test_subjects_that_a_restored_service_touches_again_are_compared_in_a_moment(
    databases_on_each: Databases,
) -> None:
    database = await databases_on_each.open(create_service(CommonSettings(), VAULT))
    async with database.transaction() as session:
        older = {"epoch": 1, "first": 1, "one": 1, "many": KNOWN}
        goes_on = {"epoch": 2, "first": 4, "one": 1, "many": TOUCHED}
        lacks = {"epoch": 2, "first": 5, "one": TOUCHED + 1, "many": TOUCHED + LOST}
        for tallies in (older, goes_on, lacks):
            await session.execute(TALLIES, tallies)
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL statement_timeout = '3s'"))
        found = await unsound_subjects(session, utcnow())
    assert [(one.problem, one.detail["missing"]) for one in found] == [("lost", "4")] * LOST
