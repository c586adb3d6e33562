"""The steps of an import: check its files, read its log, then write ticket by ticket."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.exc import DataError, IntegrityError

from services.tickets.history.event_queries import (
    events_of,
    forget_events,
    reject_events_without_ticket,
    tickets_of_log,
)
from services.tickets.history.mapping_rules import HistoryMapping
from services.tickets.history.piece_queries import files_of, forget_pieces
from services.tickets.history.queries import Import, change_import, count_outcomes, still_mine
from services.tickets.history.read_file import Line, Source, batches
from services.tickets.history.read_log import keep_log
from services.tickets.history.result_queries import Result, add_results, forget_results
from services.tickets.history.take_batch import (
    Candidate,
    candidate_of_line,
    candidate_of_log,
    take_batch,
)
from services.tickets.history.vocabulary import (
    ImportFile,
    ImportState,
    Outcome,
    Remark,
)
from services.tickets.tickets.open_ticket import Intake
from shared.audit import audit
from shared.auth.actor import SYSTEM
from shared.crypto.vault import Vault
from shared.database import Database, Session

BATCH: Final = 200
"""Lines a transaction: some thirty round trips are shared, and a live ticket waits for nobody."""


class TakenOverError(Exception):
    """Another worker goes on with the import."""


@dataclass(slots=True)
class Steps:
    """The steps of one import, and how far it is."""

    vault: Vault
    intake: Intake
    database: Database
    mapping: HistoryMapping
    job: Import
    now: datetime

    async def check(self) -> None:
        """Find out how the files are written; all of them, before anything is done."""
        if self.job.encodings:
            return
        async with self.database.transaction() as session:
            files = await files_of(session, self.job.id)
        found = {}
        for file in sorted({ImportFile.MAIN, *files}, reverse=True):
            found[file.value] = await self._source(file).encoding(self.mapping.encoding)
            await self._source(file).check_header(found[file.value], self._columns(file))
        async with self.database.transaction() as session:
            await self._mine(session)
            self.job = await change_import(session, self.job.id, encodings=found)

    async def read_log(self) -> None:
        """Read the events; a log that was not read to its end is read again."""
        file = ImportFile.MAIN if self.mapping.is_log else ImportFile.EVENTS
        if self.job.events_read or file.value not in self.job.encodings:
            return
        async with self.database.transaction() as session:
            await self._mine(session)
            await forget_events(session, self.job.id)
            await forget_results(session, self.job.id, file)
        wrong = 0
        async for lines in self._lines(file):
            async with self.database.transaction() as session:
                await self._mine(session)
                wrong += await keep_log(
                    session, self.job, self.mapping, lines, file=file, now=self.now
                )
        async with self.database.transaction() as session:
            await self._mine(session)
            self.job = await change_import(
                session, self.job.id, events_read=True, rejected=self.job.rejected + wrong
            )

    async def write(self) -> None:
        """Write the tickets behind those that are done already, and end."""
        async for candidates in self._of_log() if self.mapping.is_log else self._of_lines():
            await self._take(candidates)
        await self.end(ImportState.DONE)

    async def end(self, state: ImportState, **problem: Any) -> None:
        """End, and forget the files."""
        async with self.database.transaction() as session:
            await self._mine(session)
            strange = 0
            if state is ImportState.DONE and not self.mapping.is_log:
                strange = await reject_events_without_ticket(session, self.job.id)
            await forget_events(session, self.job.id)
            await forget_pieces(session, self.job.id)
            rejected = self.job.rejected + strange
            values = problem | {"state": state, "finished_at": func.now(), "rejected": rejected}
            self.job = await change_import(session, self.job.id, **values)
            await audit(
                session,
                f"history.import_{state}",
                actor=SYSTEM,
                subject_kind="import",
                subject_id=self.job.id,
                now=self.now,
                created=self.job.created,
                rejected=self.job.rejected,
            )

    async def _of_lines(self) -> AsyncIterator[list[Candidate]]:
        async for lines in self._lines(ImportFile.MAIN):
            ahead = [line for line in lines if line.number > self.job.done_up_to]
            for some in batches(ahead, BATCH):
                yield [candidate_of_line(line, self.mapping, self.now) for line in some]

    async def _of_log(self) -> AsyncIterator[list[Candidate]]:
        while True:
            async with self.database.transaction() as session:
                found = await tickets_of_log(
                    session, self.job.id, after=self.job.done_up_to, limit=BATCH
                )
                events = await events_of(session, self.job.id, {ref for _, ref in found})
            if not found:
                return
            yield [
                candidate_of_log(line, ref, events[ref], self.mapping, self.now)
                for line, ref in found
            ]

    async def _take(self, candidates: Sequence[Candidate]) -> None:
        try:
            await self._take_at_once(candidates)
        except (DataError, IntegrityError):
            if len(candidates) == 1:
                (one,) = candidates
                refused = Result(
                    ImportFile.MAIN, one.line, None, Outcome.REJECTED, Remark.NOT_STORABLE
                )
                await self._note([refused])
                return
            for one in candidates:
                await self._take([one])

    async def _take_at_once(self, candidates: Sequence[Candidate]) -> None:
        async with self.database.transaction() as session:
            await self._mine(session)
            results = await take_batch(
                session,
                self.job,
                self.mapping,
                candidates,
                intake=self.intake,
                now=self.now,
            )
            done = await self._count(session, results)
        self.job = done

    async def _note(self, results: Sequence[Result]) -> None:
        async with self.database.transaction() as session:
            await self._mine(session)
            done = await self._count(session, results)
        self.job = done

    async def _count(self, session: Session, results: Sequence[Result]) -> Import:
        await add_results(session, self.job.id, results)
        outcomes = Counter(result.outcome for result in results)
        return await count_outcomes(session, self.job.id, outcomes, done_up_to=results[-1].line)

    async def _mine(self, session: Session) -> None:
        if not await still_mine(session, self.job):
            raise TakenOverError

    def _source(self, file: ImportFile) -> Source:
        return Source(self.database, self.vault, self.job.id, file)

    def _columns(self, file: ImportFile) -> frozenset[str]:
        if file is ImportFile.EVENTS:
            return self.mapping.event_columns
        return self.mapping.main_columns

    def _lines(self, file: ImportFile) -> AsyncIterator[Sequence[Line]]:
        return self._source(file).lines(self.job.encodings[file.value], self._columns(file))
