"""The `careloop` command: run the system, or one part of it, and operate it."""

import os

import typer

from careloop import admin, audit, dead_letters, keys, part
from careloop.backup.command import backup
from careloop.doctor.command import doctor
from careloop.files import write_generated
from careloop.history import import_history
from careloop.installation import check_settings, place
from careloop.rebuild import rebuild_figures
from careloop.restore.command import restore
from careloop.simulation.run import simulate
from careloop.snapshot import take_snapshot
from careloop.tokens import print_token
from careloop.welcome import welcome
from shared.logs import configure_logs
from shared.remedies import in_one_sentence
from standalone.run import run as run_everything

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(part.app)
app.add_typer(admin.app, name="admin")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.command("token")(print_token)
app.command("rebuild")(rebuild_figures)
app.command("snapshot")(take_snapshot)
app.command("simulate")(simulate)
app.command("import")(import_history)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("doctor")(doctor)
app.command("generate")(write_generated)


def main() -> None:
    """Run the command; what a person can mend is one sentence, not a stack."""
    with in_one_sentence():
        app()


@app.command()
def run() -> None:
    """Run everything in this process; HOST, PORT and DEMO come from the environment."""
    check_settings()
    configure_logs(os.environ.get("CARELOOP_LOG_LEVEL", "WARNING"))
    run_everything(place(), welcome(demo=os.environ.get("DEMO", "1") != "0"))


if __name__ == "__main__":
    main()
