"""`careloop simulate`: the live loop with real texts, over HTTP, checked at the end."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer
import uvloop
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from careloop.simulation.complain import Stage, complain
from careloop.simulation.people import hire
from careloop.simulation.record import Ending, Record
from careloop.simulation.system import ServerError, System
from careloop.simulation.texts import Complaint, read_complaints
from careloop.simulation.verify import Check, verify
from standalone.place import StartError, place

AT_ONCE: Final = 32
"""Complaints played at the same time; more only wait in the system's queues."""


def simulate(
    complaints: Annotated[Path, typer.Option(exists=True, help="CSV (text, label) or JSON lines")],
    count: Annotated[int, typer.Option(min=0, help="How many; 0: every row once")] = 100,
    rate: Annotated[float, typer.Option(min=0.1, help="Complaints begun a second")] = 10,
    patience: Annotated[float, typer.Option(min=1, help="Seconds for the figures to agree")] = 60,
) -> None:
    """Play complaints through the running system and check every figure at the end."""
    texts = read_complaints(complaints, count)
    try:
        checks, record, refusals = uvloop.run(_play(texts, rate, patience))
    except (ServerError, httpx.HTTPError) as error:
        msg = f"The system failed: {error}"
        raise StartError(msg) from error
    _show(checks, record, refusals)
    if not all(check.holds for check in checks):
        raise typer.Exit(1)


async def _play(
    texts: list[Complaint], rate: float, patience: float
) -> tuple[list[Check], Record, dict[str, int]]:
    where = place()
    url = f"http://{where.host}:{where.port}"
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        system, record = System(client), Record()
        try:
            crew = await hire(system)
        except httpx.HTTPError as error:
            msg = f"{url} does not let us play ({error}): start it with `make run`."
            raise StartError(msg) from error
        await _play_all(Stage(system, crew, record), texts, rate)
        checks = await verify(system, crew, record, patience=patience)
        return checks, record, dict(system.refusals)


async def _play_all(stage: Stage, texts: list[Complaint], rate: float) -> None:
    """Play every complaint. Raises what the first of them that failed met."""
    places = asyncio.Semaphore(AT_ONCE)
    with Progress() as progress:
        task = progress.add_task("complaints", total=len(texts))

        async def one(number: int, complaint: Complaint) -> None:
            async with places:
                await complain(stage, number, complaint)
            progress.advance(task)

        try:
            async with asyncio.TaskGroup() as group:
                for number, complaint in enumerate(texts):
                    group.create_task(one(number, complaint))
                    await asyncio.sleep(1 / rate)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed


def _show(checks: list[Check], record: Record, refusals: dict[str, int]) -> None:
    table = Table("what must be true", "by our own record", "by the system", "")
    for check in checks:
        table.add_row(
            check.name, _number(check.expected), _number(check.found), "ok" if check.holds else "NO"
        )
    console = Console()
    console.print(table)
    console.print({str(ending): record.endings[ending] for ending in Ending}, refusals)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
