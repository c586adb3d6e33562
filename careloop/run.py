"""`careloop run`: everything in this process."""

import os

from careloop.installation import check_settings
from careloop.welcome import welcome
from shared.logs import configure_logs
from standalone.place import place
from standalone.run import run


def run_everything() -> None:
    """Run everything in this process; HOST, PORT and DEMO come from the environment."""
    check_settings()
    configure_logs(os.environ.get("CARELOOP_LOG_LEVEL", "WARNING"))
    run(place(), welcome(demo=os.environ.get("DEMO", "1") != "0"))
