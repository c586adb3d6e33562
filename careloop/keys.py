"""`careloop keys`: make the keys of a deployment, and change them."""

from typing import Final

import typer

from careloop.installation import check_settings
from shared.crypto.key_rotation import Step, rotate_keys
from shared.settings import CommonSettings
from standalone.compose import vaults_of

app = typer.Typer(help="Make the keys in CARELOOP_SECRETS; what is there stays.")

SAID: Final = {
    Step.ADDED: "{kid} is added and not used yet: start every process anew, then run this again.",
    Step.IN_USE: "Start every process anew: what they seal from then on, they seal with {kid}. "
    "The older keys stay, to read what they have sealed.",
}


@app.callback(invoke_without_command=True)
def keys(context: typer.Context) -> None:
    """Make the keys of a deployment in CARELOOP_SECRETS; what is there stays."""
    if context.invoked_subcommand is None:
        check_settings()
        common = CommonSettings()
        vaults_of(common)
        print(f"The keys are in {common.secrets}.")


@app.command()
def rotate() -> None:
    """Seal data and letters with a new key, in two steps with a restart between them."""
    check_settings()
    step, kid = rotate_keys(CommonSettings().secrets)
    print(SAID[step].format(kid=kid))
