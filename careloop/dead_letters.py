"""`careloop dead-letters`: list, replay and discard what could not be handled."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from careloop.installation import installation, service_named
from shared.audit import audit
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.database import Session
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.settle import DeadLetter, ask_for_replay, dead_letter_page, discard
from shared.errors import DomainError
from standalone.place import StartError

app = typer.Typer(no_args_is_help=True, help="What could not be handled; envelopes only.")

Service = Annotated[str, typer.Argument()]
Which = Annotated[UUID, typer.Argument(help="The dead letter's id")]
Why = Annotated[str, typer.Option("--reason", help="Written into the audit trail")]

LISTED = 200


@app.command("list")
def show(service: Service, state: DeadLetterState = DeadLetterState.WAITING) -> None:
    """List a service's dead letters, the latest failure first."""
    uvloop.run(_show(service_named(service), state))


@app.command()
def replay(service: Service, which: Which, reason: Why) -> None:
    """Let a message come again, unchanged; the worker hands it over within seconds."""
    uvloop.run(_settle(service_named(service), which, reason, "replayed"))


@app.command("discard")
def give_up(service: Service, which: Which, reason: Why) -> None:
    """Give a message up; its row stays."""
    uvloop.run(_settle(service_named(service), which, reason, "discarded"))


async def _show(service: str, state: DeadLetterState) -> None:
    async with installation().database(service) as database, database.transaction() as session:
        found = await dead_letter_page(session, state=state, before=None, limit=LISTED)
    table = Table("id", "type", "reason", "detail", "failures", "last failure")
    for one in found:
        last = f"{one.last_failed_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.id), one.type, one.reason, one.detail, str(one.failures), last)
    Console().print(table if found else f"{service}: none {state}.")


async def _settle(service: str, which: UUID, reason: str, outcome: str) -> None:
    settle: Callable[..., Awaitable[DeadLetter]] = (
        ask_for_replay if outcome == "replayed" else discard
    )
    async with installation().database(service) as database, database.transaction() as session:
        try:
            settled = await settle(session, which, by=None, reason=reason, now=utcnow())
        except DomainError as error:
            raise StartError(error.detail) from error
        await _note(session, settled, outcome)
    print(f"{settled.type} {settled.message_id}: {settled.state}")


async def _note(session: Session, settled: DeadLetter, outcome: str) -> None:
    await audit(
        session,
        f"dead_letter.{outcome}",
        actor=SYSTEM,
        subject_kind="dead_letter",
        subject_id=settled.id,
        now=utcnow(),
        type=settled.type,
        by="command",
    )
