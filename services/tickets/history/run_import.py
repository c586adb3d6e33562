"""Do an import that was asked for.

What is done is committed with how far it is, many lines a transaction; after a crash the next
worker goes on behind the last of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.tickets.history.import_steps import Steps, TakenOverError
from services.tickets.history.queries import claim_import
from services.tickets.history.read_file import FileError
from services.tickets.history.read_mapping import mapping_of
from services.tickets.history.vocabulary import FileProblem, ImportState
from services.tickets.tickets.open_ticket import Intake
from shared.crypto.vault import Vault
from shared.database import Database

LEASE: Final = timedelta(seconds=30)
"""A batch takes less than a second; who is silent this long is dead."""

ATTEMPTS: Final = 5
"""Without a step forward: a database that is away is back by then, what kills its workers stays."""


@dataclass(frozen=True, slots=True)
class Importer:
    """What an import needs to know of its installation."""

    vault: Vault
    intake: Intake
    lease: timedelta = LEASE

    async def run_next(self, database: Database, now: datetime) -> int:
        """Do the oldest import that waits, or that a dead worker left; return how many were done.

        A file that cannot be read ends its import with the reason, before any ticket is written.
        One at whose work worker after worker fails ends too: others wait behind it.
        """
        async with database.transaction() as session:
            claimed = await claim_import(session, lease=self.lease)
        if claimed is None:
            return 0
        mapping = mapping_of(claimed.mapping)
        work = Steps(self.vault, self.intake, database, mapping, claimed, now)
        try:
            if claimed.attempts > ATTEMPTS:
                await work.end(ImportState.FAILED, problem=FileProblem.GAVE_UP)
                return 1
            await work.check()
            await work.read_log()
            await work.write()
        except FileError as error:
            await work.end(
                ImportState.FAILED,
                problem=error.problem,
                problem_file=error.file,
                problem_columns=error.columns,
            )
        except TakenOverError:
            return 0
        return 1
