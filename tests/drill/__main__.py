"""`make drill`: parts of the running system are killed under load, and the recovery is judged."""

import argparse
import asyncio
import contextlib
import io
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from services.reporting.facts.tables import FACT_TABLES, fold_position
from tests.drill.faults import FAULTS
from tests.drill.house import House, opened
from tests.drill.ledger import Ledger
from tests.drill.rounds import Drill
from tests.drill.verdict import ANSWER_SECONDS, RECOVERY_SECONDS, Outcome, passed
from tests.support.found import rabbitmq_home
from tests.support.processes import command

CONSOLE = Console(file=sys.stdout)


def main() -> int:
    """Hold the drill; return 0 when it is passed, 1 when it is not, 2 when it cannot be held."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--tickets", type=int, default=200, help="closed and answered a round")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="only these")
    given = parser.parse_args()
    rabbitmq = rabbitmq_home()
    if rabbitmq is None:
        CONSOLE.print("RabbitMQ is not on this machine: run `make drill` without INSTALL=0.")
        return 2

    async def held() -> bool:
        async with opened(rabbitmq) as house:
            return await _drill(house, given.tickets, given.fault or list(FAULTS))

    with contextlib.redirect_stdout(io.StringIO()) as said_by_processes:
        good = asyncio.run(held())
    if not good:
        CONSOLE.print(said_by_processes.getvalue(), markup=False)
    CONSOLE.print("The drill is passed." if good else "The drill is NOT passed.")
    return 0 if good else 1


async def _drill(house: House, tickets: int, faults: Sequence[str]) -> bool:
    drill, outcomes = Drill(house, Ledger(), tickets), []
    CONSOLE.print(f"{tickets} complaints are closed before anything breaks.")
    await drill.warmed_up()
    for name in faults:
        one = await drill.round(name, FAULTS[name])
        outcomes.append(one)
        CONSOLE.print(
            f"{name}: lost {one.difference.lost:g}, doubled {one.difference.doubled:g}, "
            f"p95 {one.p95:.2f} s, recovered in {one.seconds:.1f} s"
        )
    alike = await _rebuilt_alike(house)
    _show(outcomes)
    CONSOLE.print(f"The read model made again from the events: {'the same' if alike else 'OTHER'}.")
    return passed(outcomes, rebuilt_alike=alike)


async def _rebuilt_alike(house: House) -> bool:
    """Return whether `careloop rebuild` makes the very rows that grew event by event."""
    grown = await _facts(house)
    settings = house.running.processes["reporting-api"].settings
    done = await command("rebuild", folder=house.folder, settings=settings)
    CONSOLE.print(done.out.strip() or done.err.strip())
    return done.code == 0 and await _facts(house) == grown


async def _facts(house: House) -> list[list[Any]]:
    async with house.running.databases["reporting"].transaction() as session:
        return [
            sorted((tuple(row) for row in await session.execute(select(table))), key=str)
            for table in FACT_TABLES
            if table is not fold_position
        ]


def _show(outcomes: Sequence[Outcome]) -> None:
    limits = f"p95 below {ANSWER_SECONDS:g} s, recovered below {RECOVERY_SECONDS} s"
    table = Table("fault", "answers", "503", "p95", "lost", "doubled", "recovered", caption=limits)
    table.add_column("", no_wrap=True)
    for one in outcomes:
        table.add_row(
            one.fault,
            str(one.answers),
            str(one.refused),
            f"{one.p95:.2f}",
            f"{one.difference.lost:g}",
            f"{one.difference.doubled:g}",
            f"{one.seconds:.1f}",
            "ok" if one.passed else "NOT OK",
        )
    CONSOLE.print(table)


if __name__ == "__main__":
    sys.exit(main())
