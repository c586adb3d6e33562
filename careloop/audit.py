"""`careloop audit`: the sealed trail of each service, its head to keep elsewhere, and its check."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from careloop.installation import installation, service_named
from shared.crypto.vault import Vault
from shared.database import Session
from shared.sealing.chain import Head, head_named
from shared.sealing.seal import head_of
from shared.sealing.verify import Finding, Trouble, verify_anchor, verify_stretch
from standalone.compose import NAMES
from standalone.place import StartError

app = typer.Typer(no_args_is_help=True, help="Who did what: is the trail as it was sealed?")

Service = Annotated[str | None, typer.Argument(help="One service; all of them without")]
Anchor = Annotated[
    str | None, typer.Option(help="What `head` printed once: shows a tail that was cut off")
]

STRETCH: Final = 5000
"""Links of one query: a few megabytes."""

MEANINGS: Final = {
    Trouble.CHANGED: "the line, or its place, is not what was sealed",
    Trouble.MISSING: "the line was deleted",
    Trouble.GAP: "links of the chain were deleted",
    Trouble.SEAL: "the seal is not of this chain, or was made without the key",
    Trouble.UNSEALED: "the chain goes on without a seal",
    Trouble.LATE: "the line was added after its time had been sealed",
    Trouble.ANCHOR: "the chain does not go through the anchor: its tail was cut off or made anew",
}


@app.command()
def head(service: Service = None) -> None:
    """Print the anchor of each trail; keep it where nobody who runs the databases can change it."""
    uvloop.run(_heads(_named(service)))


@app.command()
def verify(service: Service = None, anchor: Anchor = None) -> None:
    """Recompute the chain of each trail; exits with 1 when something is not as it was sealed."""
    if anchor is not None and service is None:
        msg = "An anchor is of one service: name it."
        raise StartError(msg)
    kept = None if anchor is None else head_named(anchor)
    if uvloop.run(_verified(_named(service), kept)):
        raise typer.Exit(1)


def _named(service: str | None) -> tuple[str, ...]:
    return NAMES if service is None else (service_named(service),)


async def _heads(names: tuple[str, ...]) -> None:
    for name in names:
        async with _opened(name) as (session, _vault):
            print(name, await head_of(session))


async def _verified(names: tuple[str, ...], kept: Head | None) -> bool:
    """Print what was found of each service; return whether there was anything."""
    wrong = False
    for name in names:
        async with _opened(name) as (session, vault):
            checked, retired, findings = await _whole(session, vault)
            if kept is not None:
                findings = [*await verify_anchor(session, kept), *findings]
        gone = f", {retired} retired with their week" if retired else ""
        print(f"{name}: {checked} lines{gone}, {len(findings)} findings")
        wrong = wrong or bool(findings)
        if findings:
            Console().print(_table(findings))
    return wrong


async def _whole(session: Session, vault: Vault) -> tuple[int, int, list[Finding]]:
    """Return how many links the chain has, how many lines are retired, and what is wrong."""
    checked, retired, until, end = 0, 0, 0, False
    findings: list[Finding] = []
    while not end:
        stretch = await verify_stretch(session, vault, after=until, limit=STRETCH)
        checked, retired = checked + stretch.checked, retired + stretch.retired
        findings += stretch.findings
        until, end = stretch.until, stretch.end
    return checked, retired, findings


def _table(findings: list[Finding]) -> Table:
    table = Table("trouble", "position", "line", "what it means")
    for one in findings:
        place = "" if one.position is None else str(one.position)
        line = "" if one.entry_id is None else str(one.entry_id)
        table.add_row(one.trouble, place, line, MEANINGS[one.trouble])
    return table


@asynccontextmanager
async def _opened(name: str) -> AsyncIterator[tuple[Session, Vault]]:
    here = installation()
    async with here.database(name) as database, database.transaction() as session:
        yield session, here.vaults[name]
