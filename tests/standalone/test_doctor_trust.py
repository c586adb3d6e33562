"""`careloop doctor` sees books that differ or are not compared, and a trail that nobody seals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from careloop.doctor.database import examine_database
from shared.books.rules import Ledger, Staying
from shared.clock import utcnow
from shared.database import Session
from shared.ids import first_id_at, new_id
from shared.sealing.seal import seal_entries
from shared.settings import CommonSettings
from tests.standalone.test_doctor import Patient, bad, patient
from tests.support.sample_service import sample_service, sample_vault

__all__ = ["patient"]

LINE: Final = (
    "INSERT INTO audit_entry (id, at, action, actor_kind, subject_kind, detail, correlation_id)"
    " VALUES (:id, now(), 'sample.changed', 'system', 'sample', '{}', 'c')"
)
RUN: Final = (
    "INSERT INTO book_run (id, whole, state, asked_at, finished_at, differences)"
    " VALUES (:id, false, 'done', now(), now() - interval '3 days', 0)"
)
DIFFERENCE: Final = (
    "INSERT INTO book_difference (id, book, key, problem, detail, first_seen_at, last_seen_at,"
    " runs) VALUES (:id, 'counted', 'k', 'missing', '{}', now(), now(), :runs)"
)


async def told(_session: Session, _staying: Staying, _now: datetime) -> None:
    raise AssertionError


async def found(patient: Patient) -> str:
    """Return what is not as it must be in a service that keeps books."""
    ledger = Ledger((), UTC, told)
    service = replace(sample_service(), database_url=patient.url, ledger=ledger)
    return await bad(examine_database(service, CommonSettings()))


async def test_a_trail_that_nobody_seals_is_seen(patient: Patient) -> None:
    await patient.has(LINE, id=new_id())
    assert await patient.found() == ""  # it has a minute
    await patient.has(LINE, id=first_id_at(utcnow() - timedelta(minutes=2)))
    unsealed = await patient.found()
    assert "trail: 1 lines wait for their seal. See that the worker of sample runs" in unsealed
    assert unsealed.startswith("wrong")
    assert await seal_entries(patient.own(), sample_vault(), now=utcnow()) == 2
    assert await patient.found() == ""


async def test_books_that_differ_or_are_not_compared_are_seen(patient: Patient) -> None:
    assert await found(patient) == ""
    await patient.has(RUN, id=new_id())
    assert "books: compared last on" in (late := await found(patient))
    assert late.startswith("warning")
    await patient.has("UPDATE book_run SET finished_at = now()")
    await patient.has(DIFFERENCE, id=new_id(), runs=1)
    assert await found(patient) == ""  # it may be under way
    await patient.has("UPDATE book_difference SET runs = 2")
    differs = await found(patient)
    assert "books: differences stay: 1 of counted. GET /api/v1/sample/books" in differs
    assert differs.startswith("wrong")
