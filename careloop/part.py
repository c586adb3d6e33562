"""One service as processes of its own: `python -m careloop.part api tickets`.

All that the image of one service has of the command line. A service is imported when it is asked
for, so a process carries the code and the libraries of its own service only.
"""

import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer
import uvloop

from shared.contracts.privacy import EVERY_SERVICE
from shared.errors import InstallationError
from shared.guessable import refuse_guessable
from shared.host import Part, migrate_part, serve_api, work
from shared.logs import configure_logs
from shared.remedies import in_one_sentence
from shared.settings import CommonSettings, prefix_of, refuse_unknown_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Name = Annotated[str, typer.Argument(metavar="SERVICE", help=", ".join(EVERY_SERVICE))]


@app.command()
def api(service: Name, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Run one service's API over RabbitMQ and PostgreSQL servers of your own."""
    part = part_named(service)
    uvloop.run(serve_api(part, settings_for(part), host, port))


@app.command()
def worker(service: Name, host: str = "127.0.0.1", port: int = 0) -> None:
    """Run one service's relay, consumers and timers; health and metrics answer on the port."""
    part = part_named(service)
    uvloop.run(work(part, settings_for(part), host, port))


@app.command()
def migrate(service: Name) -> None:
    """Bring one service's database to the present schema, and see its queues in the broker."""
    # the first process of a container ignores SIGTERM unless it says what it does then
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    part = part_named(service)
    uvloop.run(migrate_part(part, settings_for(part)))


def part_named(name: str) -> Part:
    """Return a service's composition. Raises InstallationError for one that is not here."""
    if name not in EVERY_SERVICE or find_spec(f"services.{name}") is None:
        here = [known for known in EVERY_SERVICE if find_spec(f"services.{known}") is not None]
        msg = f"There is no service {name} here: choose one of {', '.join(here)}."
        raise InstallationError(msg)
    part: Part = import_module(f"services.{name}.service")
    return part


def settings_for(part: Part) -> CommonSettings:
    """Return the settings of this process, its log set up.

    Raises InstallationError for unknown ones, and for passwords that can be guessed.

    Services may share one file of settings: what another one is told, it checks itself.
    """
    others = [prefix_of(name) for name in EVERY_SERVICE if name != part.NAME]
    refuse_unknown_settings((CommonSettings, part.SETTINGS), others=others)
    common = CommonSettings()
    refuse_guessable(common)
    configure_logs(common.log_level)
    return common


def main() -> None:
    """Run `api`, `worker` or `migrate`, or a command that a service has of its own."""
    named = sys.argv[1] if len(sys.argv) > 1 else ""
    if named in EVERY_SERVICE:
        commands: typer.Typer = import_module(f"services.{named}.commands").app
        sys.argv.pop(1)
    else:
        commands = app
    with in_one_sentence():
        commands()


if __name__ == "__main__":
    main()
