"""The `careloop` command: run the system, or one part of it, and operate it."""

import os
import sys
from typing import Annotated

import typer
import uvloop

from careloop import admin, audit, dead_letters
from careloop.files import write_generated
from careloop.history import import_history
from careloop.installation import check_settings, place, service_named
from careloop.rebuild import rebuild_figures
from careloop.simulation.run import simulate
from careloop.snapshot import take_snapshot
from careloop.tokens import print_token
from careloop.welcome import welcome
from shared.host import migrate_part, serve_api, work
from shared.logs import configure_logs
from shared.serving import PortTakenError
from shared.settings import CommonSettings
from standalone.compose import PARTS, vaults_of
from standalone.postgres_folder import PostgresError
from standalone.run import StartError
from standalone.run import run as run_everything

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(admin.app, name="admin")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(audit.app, name="audit")
app.command("token")(print_token)
app.command("rebuild")(rebuild_figures)
app.command("snapshot")(take_snapshot)
app.command("simulate")(simulate)
app.command("import")(import_history)
app.command("generate")(write_generated)

Service = Annotated[str, typer.Argument(help=", ".join(PARTS))]


def main() -> None:
    """Run the command; what a person can mend is one sentence, not a stack."""
    try:
        app()
    except (PortTakenError, StartError, PostgresError, ConnectionError, ValueError) as error:
        print(f"careloop: {error}", file=sys.stderr)
        raise SystemExit(1) from error


@app.command()
def run() -> None:
    """Run everything in this process; HOST, PORT and DEMO come from the environment."""
    check_settings()
    configure_logs(os.environ.get("CARELOOP_LOG_LEVEL", "WARNING"))
    run_everything(place(), welcome(demo=os.environ.get("DEMO", "1") != "0"))


@app.command()
def api(service: Service, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Run one service's API over RabbitMQ and PostgreSQL servers of your own."""
    common = _common()
    uvloop.run(serve_api(PARTS[service_named(service)], common, host, port))


@app.command()
def worker(service: Service, host: str = "127.0.0.1", port: int = 0) -> None:
    """Run one service's relay, consumers and timers; health and metrics answer on the port."""
    uvloop.run(work(PARTS[service_named(service)], _common(), host, port))


@app.command()
def migrate(service: Service) -> None:
    """Bring one service's database to the present schema."""
    uvloop.run(migrate_part(PARTS[service_named(service)], _common()))


@app.command()
def keys() -> None:
    """Make the keys of a deployment in CARELOOP_SECRETS; what is there stays."""
    common = _common()
    vaults_of(common)
    print(f"The keys are in {common.secrets}.")


def _common() -> CommonSettings:
    check_settings()
    common = CommonSettings()
    configure_logs(common.log_level)
    return common


if __name__ == "__main__":
    main()
