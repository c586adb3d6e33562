"""Imports that were asked for run in a worker, never in the process that was asked."""

from datetime import timedelta

from services.tickets.history.run_import import Importer
from services.tickets.tickets.open_ticket import Intake
from shared.crypto.vault import Vault
from shared.sweeps import Sweep

ASKED = timedelta(seconds=2)
"""An import takes a minute or more; nobody notices two seconds before it."""


def import_sweep(vault: Vault, intake: Intake) -> Sweep:
    """Return the importer."""
    return Sweep("import", ASKED, Importer(vault, intake).run_next)
