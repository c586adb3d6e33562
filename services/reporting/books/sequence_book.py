"""The first book: of every subject the log holds as many events as its last one says."""

from typing import Final

from services.reporting.books.log_queries import chunks, last_position
from services.reporting.books.sequence_queries import (
    begin_count_anew,
    count_log,
    counted_up_to,
    is_begun_anew,
    unsound_subjects,
)
from shared.books.queries import hold_run
from shared.books.rules import Asked, Book, Found
from shared.database import Database


async def check_sequences(database: Database, asked: Asked) -> Found:
    """Count what the log got since the last run, and return the subjects that lack something.

    What was counted stays counted when a run is broken off, also when it began the count anew.
    """
    async with database.transaction() as session:
        await hold_run(session, asked.claim)
        if asked.whole and not await is_begun_anew(session, asked.claim):
            await begin_count_anew(session, asked.claim)
        counted = await counted_up_to(session)
        last = await last_position(session, asked.until)
    for after, end in chunks(counted, last):
        async with database.transaction() as session:
            await hold_run(session, asked.claim)
            await count_log(session, after, end)
    async with database.transaction() as session:
        await hold_run(session, asked.claim)
        return Found(await unsound_subjects(session, asked.until))


SEQUENCES: Final = Book("sequences", check_sequences)
