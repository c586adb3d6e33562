"""The `careloop` command: run the system, or one part of it, and operate it.

All commands together bring in every service with its libraries, which takes seconds: each is
imported when it is chosen.
"""

from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from shared.remedies import in_one_sentence

COMMANDS: Final = {
    "run": ("careloop.run:run_everything", "Run everything in this process"),
    "token": ("careloop.tokens:print_token", "Print a token"),
    "simulate": (
        "careloop.simulation.run:simulate",
        "Play complaints through the running system and check every figure at the end",
    ),
    "import": ("careloop.history:import_history", "Import a company's history"),
    "doctor": (
        "careloop.doctor.command:doctor",
        "Look at settings, secrets, databases, broker and origins",
    ),
    "admin": ("careloop.admin:app", "Accounts of those who run the system, and signing keys"),
    "keys": ("careloop.keys:app", "Make the keys in CARELOOP_SECRETS"),
    "audit": ("careloop.audit:app", "Who did what: is the trail as it was sealed?"),
    "dead-letters": ("careloop.dead_letters:app", "What could not be handled"),
    "backup": (
        "careloop.backup.command:backup",
        "Back up all services, or some, while they work",
    ),
    "restore": ("careloop.restore.command:restore", "Restore all services of a backup, or some"),
    "rebuild": ("careloop.rebuild:rebuild_figures", "Rebuild beside the running system"),
    "snapshot": ("careloop.snapshot:take_snapshot", "Say it again to one service"),
    "api": ("careloop.part:api", "Run one service's API over servers of your own"),
    "worker": ("careloop.part:worker", "Run one service's relay, consumers and timers"),
    "migrate": (
        "careloop.part:migrate",
        "Bring one service's database to the present schema",
    ),
    "generate": ("careloop.files:write_generated", "Write the files that follow from the code"),
}
"""Where each command is, and what the list of commands says of it."""


class Chosen(TyperGroup):
    """The commands, of which the chosen one is imported."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command that the first word names. Refuses a name that is not listed."""
        name, _listed, words = super().resolve_command(ctx, args)
        return name, name and imported(name), words


def imported(name: str) -> Any:
    """Return a command, or a group of them, with the code that it needs."""
    place, _said = COMMANDS[name]
    found: typer.Typer | Callable[..., None] = resolve_name(place)
    alone = typer.Typer()
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    return get_group(alone).commands[name]


app = typer.Typer(
    cls=Chosen, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
for _name, (_place, _said) in COMMANDS.items():
    app.command(_name, help=_said)(lambda: None)


def main() -> None:
    """Run the command; what a person can mend is one sentence, not a stack."""
    with in_one_sentence():
        app()


if __name__ == "__main__":
    main()
